import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';

/**
 * Makes a folder once for all processes: fills one with a name of its own and renames it. Whoever comes second throws
 * away its own, so nobody ever sees half a folder.
 */
export const placeOnce = async (folder: string, fill: (folder: string) => Promise<void>): Promise<void> => {
  if (existsSync(folder)) return;
  const ours = `${folder}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    await fill(ours);
    await rename(ours, folder).catch((error: NodeJS.ErrnoException) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(ours, { recursive: true, force: true });
  }
};
