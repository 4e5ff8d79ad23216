import type { KeyRules, StoredKey } from '@millrace/api-keys';

/** A key as it is shown: without its secrets, and without their hashes. */
export interface KeyView extends KeyRules {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly createdBy: string;
  /** When its newest secret was made. */
  readonly rotatedAt: number;
  /** When the last of the secrets before that stops; absent where only the newest is in force. */
  readonly oldUntil?: number;
  readonly isExpired: boolean;
}

export const keyView = ({ secrets, ...rest }: StoredKey, now = Date.now()): KeyView => {
  const [newest, ...older] = secrets;
  const oldUntil = Math.max(0, ...older.map(({ until }) => until ?? 0));
  return {
    ...rest,
    rotatedAt: newest?.madeAt ?? rest.createdAt,
    ...(oldUntil > now ? { oldUntil } : {}),
    isExpired: rest.expiresAt !== undefined && rest.expiresAt <= now,
  };
};
