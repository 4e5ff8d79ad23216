import { blocksOf } from './pages.js';

/** What the scripts use: the first of what a command lists, once there is one. */
const SETUP = `
first() { local id; until id=$(millrace $1 --json | jq -er ".$2"); do sleep 0.2; done; echo "$id"; }
mkdir -p ~/.zsh/completions ~/.config/fish/completions
pass() { echo a-key-of-16-characters; }
`;

const ORDER = `redis-cli XADD 'mr:{p0}:topic:orders' '*' type order.paid event "$(cat event.json)"`;
const RECEIVED = `redis-cli XADD 'mr:{p0}:in' '*' type order.paid event "$(cat event.json)"`;
const BROKEN = `redis-cli XADD 'mr:{p0}:topic:orders' '*' type order.paid event 'no JSON'`;
const UNROUTED = `redis-cli XADD 'mr:{p0}:topic:unrouted' '*' type order.paid event "$(cat event.json)"`;
const GONE = `redis-cli HSET 'mr:{ctl}:sinks' sink-of-last-year '{"group":"sink-of-last-year","hop":"sink-of-last-year","streams":["topic:quiet"],"seenAt":1}'`;

/** What an example finds, made before the first line that begins so. */
const BEFORE: readonly (readonly [beginning: string, script: string])[] = [
  ['millrace tap', `while sleep 0.2; do ${ORDER}; ${RECEIVED}; done > /dev/null & trap "kill $!" EXIT`],
  ['zcat', 'gzip -c events.ndjson > old.ndjson.gz'],
  ['millrace dlq show', BROKEN],
  ['millrace dlq redrive sink-postgres', `${BROKEN}; export EDITOR='cp event.json'`],
  ['millrace webhooks get', 'millrace webhooks put billing endpoint.yaml'],
  ['millrace webhooks on', 'millrace webhooks put billing endpoint.yaml'],
  ['millrace webhooks rotate', 'millrace webhooks on billing'],
  ['millrace replay show', 'millrace replay orders --sink sink-postgres --from 2h --per-second 1 --yes > /dev/null &'],
  ['millrace replay unrouted', UNROUTED],
  ['millrace routes get', 'millrace routes put routes.yaml'],
  [
    'millrace routes diff 3',
    'for n in 1 2 3; do millrace routes put routes.yaml; millrace routes rm large-orders; done',
  ],
  ['millrace routes promote', 'millrace routes put routes.yaml --draft'],
  ['millrace routes shadow', 'millrace routes put routes.yaml --draft'],
  ['millrace sinks forget sink-of-last-year --discard', GONE.replace('topic:quiet', 'topic:orders')],
  ['millrace sinks forget', GONE],
  ['millrace keys create shop', 'millrace keys revoke shop --yes || true'],
  ['millrace keys rotate shop --grace', 'millrace keys create shop --scopes publish'],
  ['millrace profile rm', 'millrace profile set prod --url http://127.0.0.1:8090'],
  ['millrace profile use', 'millrace profile set prod --url http://127.0.0.1:8090'],
];

/** The same command with an end, without a question, and with a name that there is. */
const asRun = (line: string): string =>
  line
    .replace(/^millrace tap/, 'millrace tap --limit 1')
    .replace(/^millrace top(?=$| --interval).*/, '$& | head -n 1')
    .replace('--seconds 30', '--seconds 1')
    .replace(/^millrace (replay (orders|unrouted|start)(?!.*--dry-run)|sinks forget [\w-]+$).*/, '$& --yes')
    .replace('billing orders 1795230491115-0', `billing orders $(first 'topics events orders' 'events[0].streamId')`)
    .replace('1795230491115-0', `$(first 'dlq ls --group sink-postgres' 'deadLetters[0].id')`)
    .replace('mb2k1-1', `$(first 'replay ls' 'replays[0].id')`);

/** Commands that need what those before them have made. */
const TOGETHER = [/^millrace tap/, /^millrace (webhooks|replay)/, /^millrace (dlq|routes|sinks|partitions)/, /^/];

/** The examples of docs/cli.md as scripts that run beside each other. */
export const scriptsOfCli = (): readonly string[] => {
  const marked = blocksOf('docs/cli.md').filter(({ language, marks }) => language === 'sh' && marks === 'run');
  const all = marked.flatMap(({ text }) => text.trim().split('\n')).map((line) => line.replace(/\s+#.*/, ''));
  // docs/operating.md has raised them to 4 before.
  const lines = [...new Set(all)].filter((line) => line !== 'millrace partitions raise 4').sort(byWebhooks);
  const before = [...BEFORE];
  const scriptOf = (line: string): string => {
    const at = before.findIndex(([beginning]) => line.startsWith(beginning));
    const [[, made] = ['', '']] = at < 0 ? [] : before.splice(at, 1);
    return `${made}\n${asRun(line)}`;
  };
  const groupOf = (line: string): number => TOGETHER.findIndex((form) => form.test(line));
  return TOGETHER.map(
    (_, n) =>
      SETUP +
      lines
        .filter((line) => groupOf(line) === n)
        .map(scriptOf)
        .join('\n'),
  );
};

/** Replays to an endpoint come once there is one. */
const byWebhooks = (a: string, b: string): number =>
  Number(/^millrace replay/.test(a)) - Number(/^millrace replay/.test(b));
