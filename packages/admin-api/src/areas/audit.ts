import * as op from '../operation.js';
import * as s from '../schema.js';

/** What was done by hand. */
export const AuditEntry = s.model('AuditEntry', {
  id: s.text,
  at: s.ms,
  who: s.text,
  action: s.text,
  detail: s.anything,
});
export type AuditEntry = s.Shape<typeof AuditEntry>;

export const AuditPage = s.object({ entries: s.list(AuditEntry), ...op.NEXT });
export type AuditPage = s.Shape<typeof AuditPage>;

export const AUDIT_PATHS: s.Json = {
  '/api/audit': {
    get: op.get(
      'audit',
      'Audit log of manual changes, newest first, about 4 MiB',
      AuditPage,
      op.inQuery(op.NewestQuery),
    ),
  },
};
