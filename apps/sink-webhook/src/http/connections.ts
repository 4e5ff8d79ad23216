import { Unavailable } from '@millrace/streams';
import { Connection, type ConnectionOptions } from './connection.js';

/**
 * So many connections to an origin at most, the one that was used last first: those that are not needed are closed for
 * being idle. Whoever finds none free waits for its turn, before any deadline begins.
 */
export class Connections {
  private readonly free: Connection[] = [];
  private readonly made = new Set<Connection>();
  private readonly waiting: ((connection: Connection | undefined) => void)[] = [];
  private isCut = false;

  constructor(
    private readonly origin: string,
    private readonly most: number,
    private readonly options: ConnectionOptions,
  ) {}

  /** Gives what `use` gives. Rejects with `Unavailable` where all were cut before it had its turn. */
  async with<T>(use: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = this.isCut ? undefined : (this.free.pop() ?? this.another() ?? (await this.turn()));
    if (connection === undefined) throw new Unavailable('its connections were closed by the shutdown');
    try {
      return await use(connection);
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free.push(connection);
      else next(connection);
    }
  }

  /** Ends all of them at once, with what is in flight. Calling it again is a no-op. */
  cut(): void {
    this.isCut = true;
    for (const connection of this.made) connection.destroy();
    for (const next of this.waiting.splice(0)) next(undefined);
  }

  private another(): Connection | undefined {
    if (this.made.size >= this.most) return undefined;
    const connection = new Connection(this.origin, this.options);
    this.made.add(connection);
    return connection;
  }

  private turn(): Promise<Connection | undefined> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
