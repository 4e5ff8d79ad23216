import type { Redis } from 'ioredis';

/** A field of the answer to INFO. */
export const infoField = (info: string, name: string): string | undefined =>
  new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1]?.trim();

/** Whether the error says that there is no such command, or that it is not for this user. Managed servers take some away. */
export const isTakenAway = (error: unknown): boolean =>
  /unknown command|NOPERM|unsupported/i.test((error as Error).message);

/** INFO, or a section of it; empty where it is taken away. */
export const infoOf = async (redis: Redis, section?: string): Promise<string> => {
  try {
    return await (section === undefined ? redis.info() : redis.info(section));
  } catch (error) {
    if (isTakenAway(error)) return '';
    throw error;
  }
};
