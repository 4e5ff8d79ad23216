import { get, inQuery, LIMIT } from '../operation.js';
import { anything, type Json, list, matching, ms, named, object, orNull, type Shape, text } from '../schema.js';

/** What was done by hand. */
export const AuditEntry = named('AuditEntry', object({ id: text, at: ms, who: text, action: text, detail: anything }));
export type AuditEntry = Shape<typeof AuditEntry>;

export const AuditPage = object({ entries: list(AuditEntry), next: orNull(text) });
export type AuditPage = Shape<typeof AuditPage>;

export const AuditQuery = object(
  { limit: LIMIT },
  { cursor: matching(/^\d{1,16}-\d{1,16}$/, 'The `next` of an earlier response') },
);
export type AuditQuery = Shape<typeof AuditQuery>;

export const AUDIT_PATHS: Json = {
  '/api/audit': {
    get: get('audit', 'Audit log of manual changes, newest first, about 4 MiB', AuditPage, inQuery(AuditQuery)),
  },
};
