import { get, inQuery, NEXT, NewestQuery } from '../operation.js';
import { anything, type Json, list, ms, named, object, type Shape, text } from '../schema.js';

/** What was done by hand. */
export const AuditEntry = named('AuditEntry', object({ id: text, at: ms, who: text, action: text, detail: anything }));
export type AuditEntry = Shape<typeof AuditEntry>;

export const AuditPage = object({ entries: list(AuditEntry), ...NEXT });
export type AuditPage = Shape<typeof AuditPage>;

export const AUDIT_PATHS: Json = {
  '/api/audit': {
    get: get('audit', 'Audit log of manual changes, newest first, about 4 MiB', AuditPage, inQuery(NewestQuery)),
  },
};
