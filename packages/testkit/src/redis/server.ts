/** What a Redis is made of: a program on the PATH, a container, or js-redis-server, which keeps nothing on disk. */
export type RedisKind = 'redis-server' | 'valkey-server' | 'docker' | 'js-redis-server';

/** How to start a Redis. */
export interface RedisOptions {
  /**
   * `auto` (the default): what `MILLRACE_TEST_REDIS_SERVER` names, a `redis-server` or `valkey-server` on the PATH, else
   * Docker if `MILLRACE_TEST_DOCKER=1`, else js-redis-server.
   */
  readonly flavour?: 'auto' | 'native' | 'docker' | 'js';
  /** Settings of redis.conf, over the defaults (no snapshots, no AOF, `noeviction`). js-redis-server has none. */
  readonly config?: Readonly<Record<string, string>>;
  /** Whether a native server has the module that `MILLRACE_TEST_REDIS_MODULE` names. Default true; without it: none. */
  readonly withModule?: boolean;
  /** Where a native server keeps its data. Without it: a temporary folder, removed by `stop`. */
  readonly dataDir?: string;
  /** Default: a free one. */
  readonly port?: number;
}

/** A running Redis on the loopback address. */
export interface RedisServer {
  /** `redis://127.0.0.1:<port>` */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly kind: RedisKind;
  /** As the server says it; js-redis-server says 8.0.0. */
  readonly version: string;
  /** Of the process that runs now; absent in Docker. */
  readonly pid?: number;
  /** Stops it and removes a temporary data folder. Calling it again is a no-op. */
  stop(): Promise<void>;
  /** SIGKILL: what is not on disk is lost. */
  kill(): Promise<void>;
  /**
   * Starts it on the same port with the same data: all of it if it was running (it is saved first; js-redis-server
   * cannot), after `kill` what is on disk, after `stop` what is in a `dataDir` of yours.
   */
  restart(): Promise<void>;
}
