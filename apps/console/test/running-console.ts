import { ADMIN_API } from '@millrace/admin-api';
import { Service } from '@millrace/host';
import { RedisTransport } from '@millrace/streams/redis';
import { DescribedAnswers } from '@millrace/testkit';
import { ConsoleConfig } from '../src/console-config.js';
import { consoleService } from '../src/console-service.js';

/** What `ask` shows unless it is told otherwise. */
export const KEY = 'a-key-of-sixteen-characters';

// biome-ignore lint/suspicious/noExplicitAny: the tests look into answers of every shape
export type Answer = { readonly status: number; readonly body: any };

let prefixes = 0;

/** A console that answers on a free port, and a transport beside it, under key names that no other one has. Its answers are held to the document. */
export class RunningConsole {
  private constructor(
    readonly url: string,
    readonly transport: RedisTransport,
    private readonly service: Service<ConsoleConfig>,
    readonly answers: DescribedAnswers,
  ) {}

  static async start(redisUrl: string, more: Partial<ConsoleConfig> = {}): Promise<RunningConsole> {
    // A server of several runs may still have the keys of the one before.
    const keyPrefix = `console${Date.now()}.${prefixes++}:`;
    const shared = { REDIS_URL: redisUrl, KEY_PREFIX: keyPrefix, PORT: 0, LOG_LEVEL: 'silent' };
    const config = Object.assign(new ConsoleConfig(), { ...shared, ...more });
    const service = await Service.create(consoleService({ docsPage: false }), config);
    const answers = new DescribedAnswers(ADMIN_API, /^\/api\//);
    service.app.getHttpAdapter().getInstance().addHook('onSend', answers.hold);
    const url = await service.start((error) => {
      throw error;
    });
    return new RunningConsole(
      url,
      new RedisTransport({ url: redisUrl, keyPrefix: config.KEY_PREFIX }),
      service,
      answers,
    );
  }

  /** Methods and paths of the API, as the controllers have them: `GET /api/topics/:topic`. */
  routes(): string[] {
    const tree = this.service.app.getHttpAdapter().getInstance().printRoutes({ commonPrefix: false });
    return pathsOf(tree).filter((route) => / \/api\//.test(route));
  }

  /** Sends `body`, where there is one, as JSON. */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = { 'x-api-key': KEY },
  ): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }

  /** Stops the console alone: the transport beside it goes on. */
  stopConsole(): Promise<void> {
    return this.service.close();
  }

  /** Stops both. Rejects where an answer was not as the document of the API describes it. */
  async close(): Promise<void> {
    await this.transport.close();
    await this.service.close();
    this.answers.check();
  }
}

/** Fastify prints its routes as a tree: each line a part of a path, two columns a level, and methods at a leaf. */
const pathsOf = (tree: string): string[] => {
  const parts: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', part = '', methods] = /^([│ ]*)(?:├── |└── )(\S*)(?: \((.*)\))?$/.exec(line) ?? [];
    const level = indent.length / 4;
    parts.length = level;
    parts[level] = part;
    const shown = (methods ?? '').split(', ').filter((method) => method !== '' && method !== 'HEAD');
    return shown.map((method) => `${method} ${parts.join('')}`);
  });
};
