import { storedJson } from '../stored.js';
import { asUnavailable, type Connection } from './connection.js';
import type { Keys } from './keys.js';
import type { Notes } from './notes.js';

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

/** The record of what was done by hand: the newest ten thousand entries. Both methods reject with `Unavailable`. */
export class Audit {
  constructor(
    private readonly redis: Connection,
    private readonly notes: Notes,
    private readonly keys: Keys,
  ) {}

  async add(who: string, action: string, detail: unknown): Promise<void> {
    const fields = ['who', who, 'action', action, 'detail', JSON.stringify(detail)];
    await this.notes.log(this.key, KEPT, fields);
  }

  /** The newest first, of those before an entry where one is given. */
  async newest(limit: number, before?: string): Promise<AuditEntry[]> {
    const to = before === undefined ? '+' : `(${before}`;
    const rows = await this.ask(this.redis.xrevrange(this.key, to, '-', 'COUNT', limit));
    return rows.map(([id, [, who, , action, , detail]]) => ({
      id,
      at: Number(id.split('-')[0]),
      who: who ?? '',
      action: action ?? '',
      detail: storedJson(detail) ?? null,
    }));
  }

  private get key(): string {
    return this.keys.control('audit');
  }

  private ask<T>(answer: Promise<T>): Promise<T> {
    return answer.catch((error: unknown) => {
      throw asUnavailable(error);
    });
  }
}
