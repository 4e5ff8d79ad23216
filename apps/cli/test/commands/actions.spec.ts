import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { EXIT } from '../../src/errors.js';
import { programOf } from '../../src/program.js';
import { eventOf, Pipeline } from '../pipeline.js';
import { type Ran, RunningCli } from '../running-cli.js';
import { Undertaker } from './dead-letters.js';

let cli: RunningCli;
let pipeline: Pipeline;
let dead: Undertaker;
let folder: string;

beforeAll(async () => {
  cli = await RunningCli.start('gateway', 'router');
  pipeline = new Pipeline(cli.redis.url);
  dead = new Undertaker(cli.redis.url);
  folder = await mkdtemp(join(tmpdir(), 'millrace-cli-'));
  await dead.register();
  await pipeline.registerTopics('orders');
  await pipeline.registerGroup('sink-b', 'topic:orders');
  await writeFile(join(folder, 'routes.yaml'), ROUTES);
  await writeFile(join(folder, 'none.yaml'), 'routes: []\n');
  await run('webhooks put a --to http://127.0.0.1:9/in');
});
afterAll(async () => {
  await dead?.close();
  await pipeline?.close();
  await cli?.stop();
  await rm(folder, { recursive: true, force: true });
});

const ROUTES = 'routes:\n  - name: r1\n    pattern: { type: [order] }\n    topics: [orders]\n';

/** A command line, `@` standing for the folder of the files and `#` for what the test found out. */
const run = (line: string, found = ''): Promise<Ran> =>
  cli.run(line.replaceAll('@', `${folder}/`).replaceAll('#', found), { env: { XDG_CONFIG_HOME: folder } });

/** A command line, and what it says, where it succeeds on standard output and else on standard error. */
type Line = readonly [line: string, code: number, says: RegExp];

/** A command that does something, held against what it says. */
interface Act {
  /** Makes what it acts on; gives its name, where that is to be found out. */
  readonly there?: () => Promise<unknown>;
  /** On what is not there, on nothing, and with options that would be ignored. */
  readonly nothing: readonly Line[];
  readonly done: Line;
  readonly again: Line;
}

const { done: OK, failed: NO, usage: USAGE } = EXIT;
const replay = async (...then: string[]): Promise<string> => {
  const { id } = await cli.json('replay orders --sink sink-b --per-second 1 --detach --yes');
  for (const one of then) await run(`replay ${one} ${id}`);
  return id;
};
const letter = async (): Promise<string> => {
  await dead.deadLetter(1);
  const { deadLetters } = await cli.json('dlq ls --limit 1');
  return deadLetters[0].id;
};

/** Every command that does something. */
const ACTS: Readonly<Record<string, Act>> = {
  record: {
    nothing: [['record --seconds 5', USAGE, /--seconds is for a share/]],
    done: ['record 50%', OK, /50 % of the rest$/],
    again: ['record 50%', OK, /50 % of the rest$/],
  },
  'log-level': {
    nothing: [
      ['log-level gateway --seconds 5', USAGE, /--seconds is for a level/],
      ['log-level gateway default --seconds 5', USAGE, /--seconds is for a level/],
      ['log-level nobody default', NO, /No level is set for "nobody"/],
    ],
    done: ['log-level gateway debug', OK, /^gateway logs at debug$/],
    again: ['log-level gateway debug', OK, /^gateway logs at debug$/],
  },
  publish: {
    nothing: [
      ['publish @routes.yaml --source /other', USAGE, /--source is for one event/],
      ['publish --type order --format json', USAGE, /--format is for a file/],
    ],
    done: ['publish --type order --id p1', OK, /^1 accepted, 0 duplicates, 0 rejected$/],
    again: ['publish --type order --id p1', OK, /^0 accepted, 1 duplicates, 0 rejected$/],
  },
  'dlq redrive': {
    there: letter,
    nothing: [
      ['dlq redrive --error Nobody --yes', NO, /^No dead letter matches; nothing was started$/],
      ['dlq redrive sink-a 0 1-1', NO, /Dead letter not found/],
      ['dlq redrive sink-a 0 # --error TypeError', USAGE, /--error is for many; this is one dead letter/],
      ['dlq redrive sink-a 0 # --all', USAGE, /--all is for many/],
    ],
    done: ['dlq redrive sink-a 0 #', OK, /^redriven to sink-a$/],
    again: ['dlq redrive sink-a 0 #', NO, /Dead letter not found/],
  },
  'dlq purge': {
    there: letter,
    nothing: [
      ['dlq purge --error Nobody --yes', OK, /^no dead letter matches; nothing was deleted$/],
      ['dlq purge --error Nobody', NO, /^no dead letter matches; nothing was deleted$/],
    ],
    done: ['dlq purge --all --yes', OK, /^[12] dead letters are deleted$/],
    again: ['dlq purge --all --yes', OK, /^no dead letter matches; nothing was deleted$/],
  },
  'replay start': {
    nothing: [
      ['replay start nothing --sink sink-b --yes', NO, /topic "nothing" not found/i],
      ['replay start orders --sink nobody --yes', NO, /Sink "nobody" not found/],
      ['replay start orders --sink sink-b --from 2d --to 1d --yes', NO, /No events in this range/],
      ['replay start orders --sink sink-b --pattern {"type":["x"]} --yes', NO, /no event matched; nothing was sent$/],
    ],
    done: [
      'replay start orders --sink sink-b --per-second 9999 --yes',
      OK,
      /^4 events were sent to sink-b again, of 4/,
    ],
    again: ['replay start orders --sink sink-b --per-second 9999 --yes', OK, /^4 events were sent to sink-b again/],
  },
  'replay pause': {
    there: () => replay(),
    nothing: [['replay pause nobody', NO, /Replay "nobody" not found/]],
    done: ['replay pause #', OK, /^state +paused$/m],
    again: ['replay pause #', OK, /^state +paused$[\s\S]*^it was paused already$/m],
  },
  'replay resume': {
    there: () => replay('pause'),
    nothing: [['replay resume nobody', NO, /Replay "nobody" not found/]],
    done: ['replay resume #', OK, /^state +running$/m],
    again: ['replay resume #', OK, /^it was not paused$/m],
  },
  'replay cancel': {
    there: () => replay('pause'),
    nothing: [['replay cancel nobody', NO, /Replay "nobody" not found/]],
    done: ['replay cancel #', OK, /is cancelled$/],
    again: ['replay cancel #', NO, /^This replay is cancelled$/],
  },
  'routes put': {
    nothing: [
      ['routes put @none.yaml', NO, /there are no routes; nothing was changed/],
      ['routes put @routes.yaml --draft --version 3', USAGE, /--version is for live routes/],
      ['routes put @routes.yaml --version 9', NO, /it is at version 0, not 9/],
    ],
    done: ['routes put @routes.yaml', OK, /^1 routes live, version 1$/],
    again: ['routes put @routes.yaml', OK, /^1 routes live, version 1$/],
  },
  'routes rm': {
    nothing: [['routes rm nobody', NO, /oute "nobody" not found/]],
    done: ['routes rm r1', OK, /^r1 is deleted, version 2$/],
    again: ['routes rm r1', NO, /oute "r1" not found/],
  },
  'routes promote': {
    there: () => run('routes put @routes.yaml --draft'),
    nothing: [['routes promote nobody', NO, /Draft "nobody" not found/]],
    done: ['routes promote r1', OK, /^r1 is live, version 3$/],
    again: ['routes promote r1', NO, /Draft "r1" not found/],
  },
  'routes rollback': {
    nothing: [['routes rollback 99', NO, /there is no version 99/]],
    done: ['routes rollback 0', OK, /as version 4$/],
    again: ['routes rollback 0', NO, /everything is as at version 0/],
  },
  'sinks pause': {
    nothing: [['sinks pause nobody', NO, /Sink "nobody" not found/]],
    done: ['sinks pause sink-b', OK, /^sink-b is paused;/],
    again: ['sinks pause sink-b', OK, /^sink-b was paused already;/],
  },
  'sinks resume': {
    nothing: [['sinks resume nobody', NO, /Sink "nobody" not found/]],
    done: ['sinks resume sink-b', OK, /^sink-b reads again;/],
    again: ['sinks resume sink-b', OK, /^sink-b was not paused;/],
  },
  'sinks forget': {
    there: async () => {
      const gone = JSON.stringify({ group: 'gone', hop: 'gone', streams: ['topic:others'], seenAt: 1 });
      await cli.redisCommand('HSET', 'mr:{ctl}:sinks', 'gone', gone);
    },
    nothing: [
      ['sinks forget nobody --yes', NO, /Sink "nobody" not found/],
      ['sinks forget sink-b --yes', NO, /had a heartbeat within the last minute/],
    ],
    done: ['sinks forget gone --yes', OK, /^gone forgotten; discarded 0 undelivered/],
    again: ['sinks forget gone --yes', NO, /Sink "gone" not found/],
  },
  'webhooks put': {
    nothing: [
      ['webhooks put b --topics x', NO, /endpoint "b" not found/i],
      ['webhooks put a --to http://127.0.0.1:9/x --version 99', NO, /it is at version/],
    ],
    done: ['webhooks put a --to http://127.0.0.1:9/new', OK, /^a is changed: url, version 2$/m],
    again: ['webhooks put a --to http://127.0.0.1:9/new', OK, /^a is already up to date; nothing changed, version 2$/m],
  },
  'webhooks off': {
    nothing: [['webhooks off nobody', NO, /endpoint "nobody" not found/i]],
    done: ['webhooks off a', OK, /^a is disabled;/],
    again: ['webhooks off a', OK, /^a was disabled already;/],
  },
  'webhooks on': {
    nothing: [['webhooks on nobody', NO, /endpoint "nobody" not found/i]],
    done: ['webhooks on a', OK, /^a is enabled; retrying now/],
    again: ['webhooks on a', OK, /^a was enabled already; retrying now/],
  },
  'webhooks rotate': {
    nothing: [['webhooks rotate nobody', NO, /endpoint "nobody" not found/i]],
    done: ['webhooks rotate a', OK, /^whsec_\S+$/],
    again: ['webhooks rotate a', OK, /^whsec_\S+$/],
  },
  'webhooks test': {
    nothing: [['webhooks test nobody', NO, /endpoint "nobody" not found/i]],
    done: ['webhooks test a', OK, /is on its way to a[\s\S]*warning: No webhook sink is registered/],
    again: ['webhooks test a', OK, /is on its way to a/],
  },
  'webhooks resend': {
    there: async () => {
      const [position] = await pipeline.append('topic:orders', eventOf('r1'));
      return position;
    },
    nothing: [
      ['webhooks resend nobody orders #', NO, /endpoint "nobody" not found/i],
      ['webhooks resend a orders 1-1', NO, /No event at 1-1/],
      ['webhooks resend a nothing #', NO, /No event at/],
    ],
    done: ['webhooks resend a orders #', OK, /is on its way to a again/],
    again: ['webhooks resend a orders #', OK, /is on its way to a again/],
  },
  'webhooks rm': {
    nothing: [['webhooks rm nobody --yes', NO, /endpoint "nobody" not found/i]],
    done: ['webhooks rm a --yes', OK, /^a is deleted/],
    again: ['webhooks rm a --yes', NO, /endpoint "a" not found/i],
  },
  'keys create': {
    nothing: [['keys create c --scopes root', NO, /scopes must be .*, got \["root"\]/]],
    done: ['keys create c --scopes publish', OK, /^mr_\S+$/],
    again: ['keys create c --scopes publish', NO, /the key "c" already exists/],
  },
  'keys rotate': {
    nothing: [['keys rotate nobody', NO, /key "nobody" not found/i]],
    done: ['keys rotate c', OK, /^mr_\S+$/],
    again: ['keys rotate c', OK, /^mr_\S+$/],
  },
  'keys revoke': {
    nothing: [['keys revoke nobody --yes', NO, /key "nobody" not found/i]],
    done: ['keys revoke c --yes', OK, /^c is revoked$/],
    again: ['keys revoke c --yes', NO, /key "c" not found/i],
  },
  'partitions raise': {
    nothing: [['partitions raise 1', OK, /^there are already 1$/]],
    done: ['partitions raise 2 --wait 20s', OK, /^there are 2 partitions now, 1 before/],
    again: ['partitions raise 2', OK, /^there are already 2$/],
  },
  'profile set': {
    nothing: [['profile set p --url ftp://x', USAGE, /must be a URL/]],
    done: ['profile set p --url http://127.0.0.1:1', OK, /^p is http:\/\/127\.0\.0\.1:1, without a key/],
    again: ['profile set p --url http://127.0.0.1:1', OK, /^p is http:\/\/127\.0\.0\.1:1, without a key/],
  },
  'profile use': {
    nothing: [['profile use nobody', USAGE, /there is no profile "nobody"/]],
    done: ['profile use p', OK, /^p is in use$/],
    again: ['profile use p', OK, /^p is in use$/],
  },
  'profile rm': {
    nothing: [['profile rm nobody', USAGE, /there is no profile "nobody"/]],
    done: ['profile rm p', OK, /^p deleted$/],
    again: ['profile rm p', USAGE, /there is no profile "p"/],
  },
};

/** Those that only look, or only check what they are given. */
const LOOKS = [
  ...['doctor', 'top', 'lag', 'trace', 'audit', 'tap', 'partitions', 'completion'],
  ...['topics ls', 'topics show', 'topics events', 'dlq ls', 'dlq groups', 'dlq show', 'replay ls', 'replay show'],
  ...['routes validate', 'routes ls', 'routes get', 'routes test', 'routes diff', 'routes shadow', 'routes history'],
  ...['schemas validate', 'sinks ls', 'sinks show', 'webhooks ls', 'webhooks get', 'webhooks attempts'],
  ...['keys list', 'profile ls'],
];

const namesOf = (command: Command, above: readonly string[] = []): string[] =>
  command.commands.flatMap((one) => {
    const path = [...above, one.name()];
    const isGroup = one.commands.length > 0 && path.join(' ') !== 'partitions';
    return [...(isGroup ? [] : [path.join(' ')]), ...namesOf(one, path)];
  });

const expectSaid = (line: string, { code, out, error }: Ran, [, wanted, says]: Line): void => {
  expect({ line, code, out, error }).toMatchObject({
    line,
    code: wanted,
    // What was refused says nothing on standard output.
    ...(wanted === OK ? {} : { out: expect.not.stringMatching(/is|are|started|redriven/) }),
  });
  expect({ line, said: wanted === OK ? [out, error].filter(Boolean).join('\n') : error }).toEqual({
    line,
    said: expect.stringMatching(says),
  });
};

describe('a command does what it says, and no more', () => {
  it('is held against it for every command that there is', () => {
    const nothing = {
      write: () => undefined,
      isTerminal: false,
      isColoured: false,
      size: () => ({ columns: 80, rows: 24 }),
    };
    const program = programOf({
      output: nothing,
      errors: nothing,
      variable: () => undefined,
      input: async function* () {},
      onInterrupt: () => () => undefined,
    });
    expect(namesOf(program).sort()).toEqual([...Object.keys(ACTS), ...LOOKS].sort());
  });

  // In the order in which they are written: each finds what those before it have left.
  it.each(Object.entries(ACTS))('millrace %s', async (name, { there, nothing, done, again }) => {
    if (name === 'replay start') await pipeline.append('topic:orders', ...['a', 'b'].map((id) => eventOf(id)));
    const found = await there?.();
    for (const line of [...nothing, done, again]) {
      const ran = await run(line[0], typeof found === 'string' ? found : '');
      expectSaid(line[0], ran, line);
    }
  });
});
