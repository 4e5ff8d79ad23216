import type { ApiKey } from '@millrace/admin-api';
import type { StoredKey } from '@millrace/api-keys';

/** A key as it is shown: without its secrets, and without their hashes. */
export const keyView = ({ secrets, ...rest }: StoredKey, now = Date.now()): ApiKey => {
  const [newest, ...older] = secrets;
  const oldUntil = Math.max(0, ...older.map(({ until }) => until ?? 0));
  return {
    ...rest,
    rotatedAt: newest?.madeAt ?? rest.createdAt,
    ...(oldUntil > now ? { oldUntil } : {}),
    isExpired: rest.expiresAt !== undefined && rest.expiresAt <= now,
  };
};
