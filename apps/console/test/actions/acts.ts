import { route, type Stage } from './stage.js';

/** What is asked of an operation: members of its path, its query, its body. */
export interface Asked {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: object;
}

/** What is answered; of a body the members that are named. */
export interface Told {
  /** It, or one of them. */
  readonly status: number | readonly number[];
  readonly body?: object;
}

/** One operation, held against what it says. */
export interface Act {
  /** Makes what it acts on, and gives the request that does it. */
  readonly there: (stage: Stage) => Promise<Asked>;
  /** What is answered where everything that its path names is not there; `null` for what has nothing there to name. A 404 without it. */
  readonly absent?: Told | null;
  /** Other requests of which nothing may come, and what is answered. */
  readonly nothing?: readonly (readonly [Asked, Told])[];
  /** What it answers when it is done. */
  readonly done: Told;
  /** What else it waits for before it is asked again. */
  readonly settled?: (stage: Stage) => Promise<unknown>;
  /** What it answers the second time. Nothing may change by that but where `does` says so. */
  readonly again: Told & { readonly does?: true };
  /** Names of what it changes in Redis, and of nothing else. Undefined for what only looks. */
  readonly touches?: RegExp;
  /** What changes meanwhile by itself. */
  readonly busy?: RegExp;
  /** Members that may be null, or any member, and why that is so. */
  readonly takesNull?: readonly string[];
  readonly takesAnyMember?: string;
}

const OK = { status: 200 };
const MISSING = { status: 404 };
const CONFLICT = { status: 409 };
const NONE = { path: {} };
const SECRET = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
const PROGRESS = /\}:(replay|redrive|again):|\}:dead:sink-a$|\}:redrive:|\}:again/;
const LAB = /\}:lab:/;

const versioned = (kind: string, name: string): RegExp =>
  new RegExp(
    `^\\{ctl\\}:${kind}( ${name}|:version|:history|:drafts ${name}|:off ${name}|:state ${name}|:turn orders)$`,
  );

const inLab = (more: Partial<Act> & Pick<Act, 'done' | 'again'>, asked: Asked): Act => ({
  there: async (stage) => {
    await stage.lab();
    return { ...asked, path: { topic: 'orders', ...asked.path } };
  },
  touches: LAB,
  busy: LAB,
  ...more,
});

/** Every operation that does something, by its id. */
export const ACTS: Readonly<Record<string, Act>> = {
  setTrace: {
    there: async () => ({ body: { sample: 0.5 } }),
    absent: null,
    done: OK,
    again: OK,
    touches: /^\{ctl\}:controls trace$/,
  },
  setLogLevel: {
    there: async () => ({ path: { service: 'gateway' }, body: { level: 'debug' } }),
    // A service that is yet to start has registered nothing.
    absent: { status: 200, body: { warnings: [expect.stringMatching(/^unknown service "nobody"/)] } },
    done: { status: 200, body: { warnings: [] } },
    again: OK,
    touches: /^\{ctl\}:controls log (gateway|nobody)$/,
  },
  resetLogLevel: {
    there: async (stage) => {
      await stage.ask('PUT', 'logs/level/gateway', { level: 'debug' });
      await stage.ask('PUT', 'logs/level/router', { level: 'debug' });
      return { path: { service: 'gateway' } };
    },
    done: { status: 200, body: { level: null } },
    again: MISSING,
    touches: /^\{ctl\}:controls log gateway$/,
  },
  pauseSink: {
    there: async (stage) => {
      await stage.topic();
      return { path: { name: 'sink-a' } };
    },
    done: { status: 200, body: { changed: true } },
    again: { status: 200, body: { changed: false } },
    touches: /^\{ctl\}:controls pause sink-a$/,
  },
  resumeSink: {
    there: async (stage) => {
      await stage.topic();
      for (const name of ['sink-a', 'sink-b']) await stage.ask('POST', `sinks/${name}/pause`);
      return { path: { name: 'sink-a' } };
    },
    done: { status: 200, body: { changed: true } },
    again: { status: 200, body: { changed: false } },
    touches: /^\{ctl\}:controls pause sink-a$/,
  },
  forgetSink: {
    there: async (stage) => {
      await stage.goneSink();
      return { path: { name: 'sink-a' }, query: 'discard=true' };
    },
    nothing: [
      [{ query: '' }, CONFLICT],
      [{ query: 'discard=yes' }, { status: 400 }],
      [{ path: { name: 'sink-b' } }, CONFLICT],
    ],
    done: { status: 204 },
    again: MISSING,
    touches: /^\{ctl\}:sinks sink-a$|sink-a|^\{p0\}:topic:orders$/,
  },
  raisePartitions: {
    there: async () => ({ body: { to: 2 } }),
    absent: null,
    done: { status: 200, body: { from: 1, to: 2 } },
    again: { status: 200, body: { from: 2, to: 2 } },
    touches: /^\{(ctl|p\d)\}:(partitions|gate|raise|raising)/,
  },
  startReplay: {
    there: async (stage) => {
      await stage.topic();
      return { body: { topic: 'orders', sink: 'sink-a' } };
    },
    absent: null,
    nothing: [
      [{ body: { topic: 'nothing', sink: 'sink-a' } }, MISSING],
      [{ body: { topic: 'orders', sink: 'nobody' } }, MISSING],
      [{ body: { topic: 'others', sink: 'sink-a' } }, { status: 422 }],
      [{ body: { topic: 'orders', sink: 'sink-a', unfiltered: true } }, { status: 400 }],
      [{ body: { topic: 'orders', sink: 'sink-a', from: '2100-01-01' } }, CONFLICT],
      [{ body: { topic: 'orders', sink: 'sink-a', dryRun: true } }, { status: 200, body: { matched: 5 } }],
    ],
    done: { status: 202 },
    settled: (stage) => stage.idle(),
    again: { status: 202, does: true },
    touches: /^\{ctl\}:replays|^\{p0\}:(replay:.*|again:sink-a)/,
  },
  pauseReplay: {
    there: async (stage) => ({ path: { id: await stage.replay() } }),
    done: { status: 200, body: { changed: true, state: 'paused' } },
    again: { status: 200, body: { changed: false } },
    touches: /^\{ctl\}:replays:states/,
    busy: PROGRESS,
  },
  resumeReplay: {
    there: async (stage) => {
      const id = await stage.replay();
      await stage.ask('POST', `replays/${id}/pause`);
      return { path: { id } };
    },
    done: { status: 200, body: { changed: true, state: 'running' } },
    again: { status: 200, body: { changed: false } },
    touches: /^\{ctl\}:replays:states/,
    busy: PROGRESS,
  },
  cancelReplay: {
    there: async (stage) => ({ path: { id: await stage.replay() } }),
    done: { status: 204 },
    again: CONFLICT,
    touches: /^\{ctl\}:replays:states/,
    busy: PROGRESS,
  },
  redriveDeadLetters: {
    there: async (stage) => {
      await stage.deadLetters();
      return { body: { filter: { group: 'sink-a' } } };
    },
    absent: null,
    nothing: [
      [{ body: { filter: { group: 'nobody' } } }, CONFLICT],
      [{ body: { filter: { group: 'sink-a', grop: 'x' } } }, { status: 400 }],
      [{ body: { filter: { group: 'sink-a', error: null } } }, { status: 400 }],
      [{ body: { filter: {}, dryRun: true } }, { status: 200, body: { matched: 10 } }],
    ],
    done: { status: 202, body: { matched: 5 } },
    settled: (stage) => stage.idle(),
    again: CONFLICT,
    touches: /^\{ctl\}:redrives|^\{p0\}:(redrive:|again:sink-a|dead:sink-a|redriven)/,
  },
  stopRedrive: {
    there: async (stage) => ({ path: { id: await stage.redrive() } }),
    done: { status: 204 },
    again: CONFLICT,
    touches: /^\{ctl\}:redrives:states/,
    busy: PROGRESS,
  },
  purgeDeadLetters: {
    there: async (stage) => {
      await stage.deadLetters();
      return { body: { filter: { group: 'sink-a' } } };
    },
    absent: null,
    nothing: [
      [{ body: { filter: { group: 'nobody' } } }, { status: 200, body: { purged: 0 } }],
      [{ body: { filter: { error: 'TypeError' } } }, { status: 200, body: { purged: 0 } }],
      [{ body: { filter: { group: 'sink-a', grop: 'x' } } }, { status: 400 }],
      [{ body: { filter: {}, dryRun: true } }, { status: 200, body: { matched: 10 } }],
    ],
    done: { status: 200, body: { purged: 5 } },
    again: { status: 200, body: { purged: 0 } },
    touches: /^\{p0\}:dead:sink-a$/,
  },
  redriveDeadLetter: {
    there: async (stage) => ({ path: await stage.letter(), body: {} }),
    nothing: [[{ path: { group: 'sink-a', partition: '0', id: '1-1' } }, MISSING]],
    done: { status: 200, body: { redriven: 1 } },
    again: MISSING,
    touches: /^\{p0\}:(dead:sink-a|again:sink-a)/,
  },
  putRoutes: {
    there: async (stage) => {
      await stage.routes();
      return { body: { routes: [{ name: 'r1', ...route('others') }] } };
    },
    absent: null,
    nothing: [
      [{ body: { routes: [] } }, { status: 422 }],
      [{ body: { routes: [{ name: 'r1', ...route(), filter: 1 }] } }, { status: 422 }],
      [{ body: { routes: [{ name: 'r1', ...route('x') }], version: 1 } }, CONFLICT],
    ],
    done: { status: 200, body: { version: 3 } },
    again: { status: 200, body: { version: 3 } },
    touches: versioned('routes', 'r1'),
  },
  putRoute: {
    there: async (stage) => {
      await stage.routes();
      return { path: { name: 'r1' }, body: route('others') };
    },
    absent: null,
    nothing: [[{ query: 'version=1' }, CONFLICT]],
    done: { status: 200, body: { version: 3 } },
    again: { status: 200, body: { version: 3 } },
    touches: versioned('routes', 'r1'),
  },
  deleteRoute: {
    there: async (stage) => {
      await stage.routes();
      return { path: { name: 'r1' } };
    },
    nothing: [[{ query: 'version=1' }, CONFLICT]],
    done: OK,
    again: MISSING,
    touches: versioned('routes', 'r1'),
  },
  rollbackRoutes: {
    there: async (stage) => {
      await stage.routes();
      return { body: { to: 1 } };
    },
    absent: null,
    nothing: [[{ body: { to: 9 } }, CONFLICT]],
    done: { status: 200, body: { version: 3 } },
    again: CONFLICT,
    touches: versioned('routes', 'r2'),
  },
  putDraft: {
    there: async (stage) => {
      await stage.drafts();
      return { path: { name: 'r1' }, body: route('others') };
    },
    absent: null,
    done: OK,
    again: OK,
    touches: /^\{ctl\}:routes:drafts r1$/,
  },
  dropDraft: {
    there: async (stage) => {
      await stage.drafts();
      return { path: { name: 'r1' } };
    },
    done: { status: 204 },
    again: MISSING,
    touches: /^\{ctl\}:routes:drafts r1$/,
  },
  promoteDraft: {
    there: async (stage) => {
      await stage.drafts();
      return { path: { name: 'r1' } };
    },
    done: { status: 200, body: { version: 1 } },
    again: MISSING,
    touches: versioned('routes', 'r1'),
  },
  testPattern: {
    there: async () => ({ body: { pattern: { type: ['a'] }, event: { type: 'a' } } }),
    absent: null,
    done: OK,
    again: OK,
  },
  shadow: {
    there: async (stage) => {
      await stage.drafts();
      return { path: { name: 'r1' }, body: {} };
    },
    nothing: [[{ body: { last: 5, seconds: 1 } }, { status: 400 }]],
    done: OK,
    again: OK,
  },
  rollbackSchemas: {
    there: async (stage) => {
      await stage.schemas();
      return { body: { to: 1 } };
    },
    absent: null,
    nothing: [[{ body: { to: 9 } }, CONFLICT]],
    done: { status: 200, body: { version: 3 } },
    again: CONFLICT,
    touches: versioned('schemas', 'refund'),
  },
  testSchema: {
    there: async (stage) => {
      await stage.schemas();
      return { body: { type: 'order', event: { type: 'order' } } };
    },
    absent: null,
    nothing: [[{ body: { type: 'nobody', event: {} } }, MISSING]],
    done: OK,
    again: OK,
  },
  setSchemas: {
    there: async (stage) => {
      await stage.schemas();
      return { path: { type: 'order' }, body: { mode: 'enforce' } };
    },
    nothing: [
      [{ body: {} }, { status: 400 }],
      [{ body: { current: 'v9' } }, { status: 422 }],
      [{ query: 'version=1' }, CONFLICT],
    ],
    done: { status: 200, body: { version: 3 } },
    again: { status: 200, body: { version: 3 } },
    touches: versioned('schemas', 'order'),
  },
  deleteSchemas: {
    there: async (stage) => {
      await stage.schemas();
      return { path: { type: 'order' } };
    },
    nothing: [[{ query: 'version=1' }, CONFLICT]],
    done: { status: 200, body: { version: 3 } },
    again: MISSING,
    touches: versioned('schemas', 'order'),
  },
  saveSchema: {
    there: async (stage) => {
      await stage.schemas();
      return { path: { type: 'order', name: 'v2' }, body: { type: 'object' } };
    },
    absent: null,
    takesAnyMember: 'a JSON Schema may have any',
    nothing: [[{ path: { type: 'order', name: 'v1' }, body: { type: 'string' } }, CONFLICT]],
    done: { status: 200, body: { version: 3 } },
    again: { status: 200, body: { version: 3 } },
    touches: versioned('schemas', 'order'),
  },
  putWebhook: {
    there: async (stage) => {
      await stage.endpoints();
      return { path: { name: 'a' }, body: { url: 'http://other/' } };
    },
    absent: null,
    nothing: [[{ query: 'version=1' }, CONFLICT]],
    done: { status: 200, body: { created: false, changed: true, version: 3 } },
    again: { status: 200, body: { created: false, changed: false, version: 3 } },
    touches: versioned('endpoints', 'a'),
  },
  changeWebhook: {
    there: async (stage) => {
      await stage.endpoints();
      return { path: { name: 'a' }, body: { timeout: '3s' } };
    },
    nothing: [
      [{ body: {} }, { status: 200, body: { changed: false, version: 2 } }],
      [{ body: { url: 'http://h/' } }, { status: 200, body: { changed: false, version: 2 } }],
    ],
    takesNull: ['url', 'secret', 'signed', 'topics', 'pattern', 'format', 'headers', 'timeout', 'rate', 'enabled'],
    done: { status: 200, body: { created: false, changed: true, version: 3 } },
    again: { status: 200, body: { created: false, changed: false, version: 3 } },
    touches: versioned('endpoints', 'a'),
  },
  deleteWebhook: {
    there: async (stage) => {
      await stage.endpoints();
      for (const name of ['a', 'b']) await stage.ask('POST', `webhooks/${name}/off`);
      return { path: { name: 'a' } };
    },
    nothing: [[{ query: 'version=1' }, CONFLICT]],
    done: { status: 200, body: { version: 3 } },
    again: MISSING,
    touches: versioned('endpoints', 'a'),
  },
  enableWebhook: {
    there: async (stage) => {
      await stage.endpoints();
      for (const name of ['a', 'b']) await stage.ask('POST', `webhooks/${name}/off`);
      return { path: { name: 'a' } };
    },
    done: { status: 200, body: { wasOff: true, rescheduled: 0 } },
    // It is tried now once more.
    again: { status: 200, body: { wasOff: false, rescheduled: 0 }, does: true },
    touches: /^\{ctl\}:endpoints:(off a|retry a|state a|turn orders)$/,
  },
  disableWebhook: {
    there: async (stage) => {
      await stage.endpoints();
      return { path: { name: 'a' } };
    },
    done: { status: 200, body: { wasOff: false } },
    again: { status: 200, body: { wasOff: true } },
    touches: /^\{ctl\}:endpoints:(off a|turn orders)$/,
  },
  rotateWebhook: {
    there: async (stage) => {
      await stage.endpoints();
      await stage.ask('PATCH', 'webhooks/b', { signed: false });
      return { path: { name: 'a' }, body: { secret: SECRET } };
    },
    nothing: [[{ path: { name: 'b' } }, CONFLICT]],
    done: { status: 200, body: { secret: SECRET } },
    again: CONFLICT,
    touches: versioned('endpoints', 'a'),
  },
  testWebhook: {
    there: async (stage) => {
      await stage.endpoints();
      return { path: { name: 'a' } };
    },
    done: { status: 202, body: { warnings: [] } },
    again: { status: 202, does: true },
    touches: /^\{p0\}:(hook:a|frames.*)$/,
  },
  resendWebhook: {
    there: async (stage) => {
      const position = await stage.endpoints();
      return { path: { name: 'a' }, body: { stream: 'topic:orders', position } };
    },
    nothing: [
      [{ body: { stream: 'topic:orders', position: '1-1' } }, MISSING],
      [{ body: { stream: 'topic:nothing', position: '1-1' } }, MISSING],
      [{ body: { stream: 'topic:orders', position: '1-1', partition: 7 } }, MISSING],
    ],
    done: { status: 202, body: { warnings: [] } },
    again: { status: 202, does: true },
    touches: /^\{p0\}:(hook:a|frames.*)$/,
  },
  createKey: {
    there: async (stage) => {
      await stage.keys();
      return { body: { name: 'c', scopes: ['publish'] } };
    },
    absent: null,
    nothing: [
      [{ body: { name: 'a', scopes: ['publish'] } }, { status: 422 }],
      [{ body: { name: 'd', scopes: ['publish'], expires: '2001-01-01' } }, { status: 422 }],
    ],
    done: { status: 201 },
    again: { status: 422 },
    touches: versioned('keys', 'c'),
  },
  revokeKey: {
    there: async (stage) => {
      await stage.keys();
      return { path: { name: 'a' } };
    },
    done: { status: 200, body: { version: 3 } },
    again: MISSING,
    touches: versioned('keys', 'a'),
  },
  rotateKey: {
    there: async (stage) => {
      await stage.keys();
      return { path: { name: 'a' }, body: {} };
    },
    done: { status: 200, body: { version: 3 } },
    again: { status: 200, body: { version: 4 }, does: true },
    touches: versioned('keys', 'a'),
  },
  endLab: inLab({ done: { status: 204 }, again: MISSING }, NONE),
  labProduce: inLab({ done: OK, again: { status: 200, does: true } }, { body: { count: 1 } }),
  labAdd: inLab({ done: OK, again: { status: 200, does: true } }, { body: { count: 1 } }),
  labRemove: inLab({ done: OK, again: MISSING }, { path: { name: 'consumer-1' } }),
  labCrash: inLab(
    {
      nothing: [[{ path: { topic: 'orders', name: 'consumer-1' } }, CONFLICT]],
      done: OK,
      again: { status: 200, does: true },
    },
    { path: { name: 'consumer-2' }, body: { after: 1_000_000 } },
  ),
  labClaim: inLab({ done: OK, again: { status: 200, does: true } }, { body: {} }),
  labTrim: inLab({ done: OK, again: { status: 200, does: true } }, { body: { maxLength: 1_000_000 } }),
};

/** Those that are held against what they say elsewhere, and where. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  publish: 'hands everything to the gateway and gives its answer: publish.spec.ts, and the tests of the gateway',
};
