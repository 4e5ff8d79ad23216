/** How to start a Postgres. */
export interface PostgresOptions {
  /** Use this one instead of starting one: `postgres://user:password@host:port/database`. */
  readonly url?: string;
  /** `auto` (the default): the embedded one, else Docker if `MILLRACE_TEST_DOCKER=1`. */
  readonly flavour?: 'auto' | 'embedded' | 'docker';
  /**
   * Where the embedded one keeps its data; made if it is not there. Without it: a temporary folder. Run by root,
   * Postgres is the user nobody, so nobody must be able to get there.
   */
  readonly dataDir?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Whether `stop` leaves the data folder. Default: yes for a `dataDir` of yours, no for a temporary one. */
  readonly keep?: boolean;
  /** Whether commits survive a power loss. Default: no, which is quicker; they survive `kill` either way. */
  readonly durable?: boolean;
}

/** A running Postgres. */
export interface PostgresServer {
  /** Of the superuser and the database `postgres`. */
  readonly url: string;
  readonly kind: 'given' | 'embedded' | 'docker';
  /** As the server says it: `18.4`. */
  readonly version: string;
  /** Of the embedded one. */
  readonly port?: number;
  readonly pid?: number;
  /** Where the embedded one keeps its data. */
  readonly dataDir?: string;
  /** Stops it, ending open sessions. A no-op for one that was given, and when called again. */
  stop(): Promise<void>;
  /** SIGKILL to all of its processes; when it resolves no session is left. Throws for one that was given. */
  kill(): Promise<void>;
  /** Starts it on the same port with the same data, also after `kill`. Throws for one that was given. */
  restart(): Promise<void>;
  /** Makes the database unless it is there, and gives its URL. */
  createDatabase(name: string): Promise<string>;
}
