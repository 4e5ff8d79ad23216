import { fileURLToPath } from 'node:url';
import { RedisTransport } from '@millrace/streams/redis';
import { freePort, type RedisServer, ServerProcess, startRedis, waitFor } from '@millrace/testkit';
import type { CliIo, Writer } from '../src/cli-io.js';
import { runProgram } from '../src/program.js';

/** The key that the console takes and `run` sends. */
export const KEY = 'a-key-of-sixteen-characters';

/** A key that may look, and nothing else. */
export const READING_KEY = 'a-key-that-may-only-look';

/** The command line as a program of its own. */
export const PROGRAM = fileURLToPath(new URL('../bin/millrace.js', import.meta.url));

const appMain = (app: string): string => fileURLToPath(new URL(`../../${app}/dist/main.js`, import.meta.url));

/** What a command wrote, and how it ended. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** What a command finds around it. */
export interface Around {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  /** Whether both outputs are terminals. */
  readonly isTerminal?: boolean;
  readonly size?: { readonly columns: number; readonly rows: number };
  /** Answers what is asked. */
  readonly answer?: (question: string) => string;
  /** Told of all that is written, as it comes; what it gives may press Ctrl-C. */
  readonly watch?: (text: string, interrupt: () => void) => void;
}

/** Real services on a real Redis, and the command line over them. */
export class RunningCli {
  private constructor(
    readonly redis: RedisServer,
    readonly url: string,
    private readonly services: readonly ServerProcess[],
  ) {}

  /** The console and, where they are named, other services. */
  static async start(...apps: readonly ('gateway' | 'router')[]): Promise<RunningCli> {
    const redis = await startRedis();
    const names = ['console', ...apps];
    const ports = await Promise.all(names.map(() => freePort()));
    const portOf = (name: string): number => ports[names.indexOf(name)] ?? 1;
    const services = names.map(
      (name) =>
        new ServerProcess({
          name,
          program: process.execPath,
          args: [appMain(name)],
          env: {
            PATH: process.env['PATH'],
            REDIS_URL: redis.url,
            LOG_LEVEL: 'warn',
            API_KEYS: KEY,
            API_KEYS_READ: READING_KEY,
            PORT: String(portOf(name)),
            GATEWAY_URL: `http://127.0.0.1:${portOf('gateway')}`,
          },
          stopSignal: 'SIGTERM',
          guardSignal: 'KILL',
        }),
    );
    for (const [i, name] of names.entries()) {
      const ready = `http://127.0.0.1:${portOf(name)}/health/ready`;
      const service = services[i] as ServerProcess;
      await waitFor(async () => !service.running || (await fetch(ready)).ok, { what: name, timeoutMs: 30_000 });
      if (!service.running) throw new Error(service.obituary());
    }
    return new RunningCli(redis, `http://127.0.0.1:${portOf('console')}`, services);
  }

  /** Asks the server itself, for what no API does. */
  async redisCommand(...words: readonly string[]): Promise<void> {
    const transport = new RedisTransport({ url: this.redis.url });
    await transport.connections.connect('tests').call(words[0] as string, ...words.slice(1));
    await transport.close();
  }

  async stop(): Promise<void> {
    await Promise.all(this.services.map((service) => service.stop()));
    await this.redis.stop();
  }

  /** The environment of a command that asks this console. */
  get env(): Record<string, string> {
    return { MILLRACE_URL: this.url, MILLRACE_API_KEY: KEY, XDG_CONFIG_HOME: '/nowhere' };
  }

  /** Runs a command line: words, or one text with spaces between them. */
  async run(args: string | readonly string[], around: Around = {}): Promise<Ran> {
    const variables: Record<string, string> = { ...this.env, ...around.env };
    const interrupts = new Set<() => void>();
    const interrupt = (): void => {
      for (const listener of interrupts) listener();
    };
    const written = { out: '', error: '' };
    const writer = (name: 'out' | 'error'): Writer => ({
      write: (text) => {
        written[name] += text;
        around.watch?.(text, interrupt);
      },
      isTerminal: around.isTerminal ?? false,
      isColoured: (around.isTerminal ?? false) && !variables['NO_COLOR'],
      size: () => around.size ?? { columns: 200, rows: 50 },
    });
    const io: CliIo = {
      output: writer('out'),
      errors: writer('error'),
      variable: (name) => variables[name] || undefined,
      input: async function* () {
        yield typeof around.input === 'string' ? Buffer.from(around.input) : (around.input ?? Buffer.alloc(0));
      },
      ask: around.answer === undefined ? undefined : async (question) => around.answer?.(question) ?? '',
      onInterrupt: (listener) => {
        interrupts.add(listener);
        return () => void interrupts.delete(listener);
      },
    };
    const words = typeof args === 'string' ? args.split(' ') : args;
    const code = await runProgram(words, io);
    return { code, out: written.out.replace(/\n$/, ''), error: written.error.replace(/\n$/, '') };
  }

  /** The answer of a command as JSON. */
  async json(args: string | readonly string[], around: Around = {}): Promise<ReturnType<typeof JSON.parse>> {
    const words = typeof args === 'string' ? args.split(' ') : args;
    return JSON.parse((await this.run([...words, '--json'], around)).out);
  }
}
