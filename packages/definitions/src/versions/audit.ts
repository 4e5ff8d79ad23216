import { storedJson } from '@millrace/streams';
import type { RedisTransport, Rows } from '@millrace/streams/redis';
import { Functions, STREAMS_LIBRARY } from '@millrace/streams/redis/internal';

/** What somebody did by hand. */
export interface AuditEntry {
  readonly id: string;
  /** Unix milliseconds. */
  readonly at: number;
  /** Short name of the API key; nothing where none is asked for. */
  readonly who: string;
  /** `redrive`, `purge`. */
  readonly action: string;
  readonly detail: unknown;
}

const KEPT = 10_000;
const MOST_BYTES = 4 * 1024 * 1024;

const entryOf = (id: string, [, who, , action, , detail]: readonly string[]): AuditEntry => ({
  id,
  at: Number(id.split('-')[0]),
  who: who ?? '',
  action: action ?? '',
  detail: storedJson(detail) ?? null,
});

/** The record of what was done by hand: the newest ten thousand entries. All methods reject with `Unavailable`. */
export class Audit {
  private readonly functions: Functions;
  private readonly notes: RedisTransport['notes'];
  private readonly key: string;

  constructor({ connections, notes, keys }: RedisTransport) {
    this.functions = new Functions(connections.requests, STREAMS_LIBRARY);
    this.notes = notes;
    this.key = keys.control('audit');
  }

  async add(who: string, action: string, detail: unknown): Promise<void> {
    const fields = ['who', who, 'action', action, 'detail', JSON.stringify(detail)];
    await this.notes.log(this.key, KEPT, fields);
  }

  /** The newest first: at most so many, and about 4 MiB. */
  async newest(limit: number): Promise<AuditEntry[]> {
    return (await this.newestPage(limit)).entries;
  }

  /**
   * The newest first, of those before an entry where one is given: at most so many, and about 4 MiB. Where there are more,
   * `next` is what to go on before.
   */
  async newestPage(limit: number, before?: string): Promise<{ entries: AuditEntry[]; next: string | null }> {
    const entries: AuditEntry[] = [];
    let [bytes, next] = [0, before === undefined ? '+' : `(${before}`];
    while (entries.length < limit && bytes < MOST_BYTES) {
      const args = [next, '-', limit - entries.length, 1, MOST_BYTES - bytes];
      const [rows, more] = (await this.functions.call('page', [this.key], args)) as [Rows, number];
      for (const [id, fields] of rows) {
        entries.push(entryOf(id, fields ?? []));
        bytes += (fields ?? []).join('').length;
      }
      if (more === 0) return { entries, next: null };
      next = `(${entries.at(-1)?.id}`;
    }
    return { entries, next: entries.at(-1)?.id ?? null };
  }
}
