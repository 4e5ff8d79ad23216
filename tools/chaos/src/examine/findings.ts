import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EndpointStates, groupOf } from '@millrace/endpoints';
import { Operations } from '@millrace/operations';
import { openSeriesStore, seriesName } from '@millrace/series';
import type { RedisTransport } from '@millrace/streams/redis';
import pg from 'pg';
import { type Intruder, intruderIn } from '../faults/intruder.js';
import type { EventKind, NumberedEvent } from '../load/numbered-event.js';
import { goesToReadings, METRICS, SOURCE } from '../load/numbered-event.js';
import type { Producer } from '../load/producer.js';
import { type Stack, UNREACHABLE } from '../stack.js';
import type { Backlog } from './backlog.js';
import { mayStandMs, type Stalls } from './stalls.js';
import type { TopicLog } from './topic-log.js';
import { whereaboutsOf } from './whereabouts.js';

/** What was looked at, and what is wrong with it. */
export interface Finding {
  readonly check: string;
  readonly expected: string;
  readonly found: string;
  readonly ok: boolean;
  /** A few of those that are wrong. */
  readonly examples: readonly string[];
}

/** All that there is to look at. */
export interface Evidence {
  readonly stack: Stack;
  readonly producer: Producer;
  readonly transport: RedisTransport;
  readonly logs: { readonly orders: TopicLog; readonly readings: TopicLog };
  readonly intruder: Intruder;
  /** What is left after all that time. */
  readonly left: readonly Backlog[];
  readonly stalls: Stalls;
}

const EXAMPLES = 5;

const finding = (
  check: string,
  expected: string | number,
  found: string | number,
  wrong: readonly string[],
): Finding => ({
  check,
  expected: String(expected),
  found: String(found),
  ok: wrong.length === 0 && String(expected) === String(found),
  examples: wrong.slice(0, EXAMPLES),
});

/** Compares what should be there with what is, one of each. */
const compare = (check: string, expected: Iterable<string>, found: readonly string[]): Finding => {
  const wanted = new Set(expected);
  const there = new Set(found);
  const missing = [...wanted].filter((id) => !there.has(id)).map((id) => `${id} is missing`);
  const surplus = [...there].filter((id) => !wanted.has(id)).map((id) => `${id} should not be there`);
  const seen = new Set<string>();
  const twice = found.filter((id) => seen.size === seen.add(id).size).map((id) => `${id} is there again`);
  return finding(check, wanted.size, found.length, [...missing, ...surplus, ...twice]);
};

const none = (check: string, wrong: readonly string[]): Finding => finding(check, 0, wrong.length, wrong);

/** Looks where every event is. */
export const examine = async (evidence: Evidence): Promise<Finding[]> => {
  const { stack, producer, logs } = evidence;
  const all = [...producer.accepted.values()];
  const orders = all.filter((event) => !goesToReadings(event));
  const readings = all.filter(goesToReadings);
  return [
    none('requests refused for good', producer.refused),
    compare('entries of topic orders', ids(orders), idsOf(logs.orders)),
    compare('entries of topic readings', ids(readings), idsOf(logs.readings)),
    ...(await inPostgres(stack, all, logs.orders)),
    compare('events delivered to the webhook', ids(orders), [...stack.deliveries.delivered]),
    none('events whose webhooks differ in webhook-id', differing(stack)),
    none(
      'webhooks with a bad signature',
      Array.from({ length: stack.deliveries.unverified }, () => 'unverified'),
    ),
    await inSeries(evidence, readings),
    ...(await inDeadLetters(evidence, all)),
    none('endpoints that cannot be reached and are still enabled', await disabled(evidence)),
    none(
      'groups that are not done',
      evidence.left.map((one) => JSON.stringify(one)),
    ),
    none('groups that stood still for longer than a lease', stalled(evidence)),
    none('warnings of Node', warnings(stack)),
    none('services that ended by themselves', deaths(stack)),
    none('stops by SIGTERM without exit code 0', unclean(stack)),
  ];
};

const ids = (events: readonly NumberedEvent[]): string[] => events.map(({ id }) => id);
const idsOf = ({ entries }: TopicLog): string[] => entries.map(({ id }) => id);
const ofKind = (events: readonly NumberedEvent[], kind: EventKind): string[] =>
  ids(events.filter((event) => event.kind === kind));

const inPostgres = async (stack: Stack, all: readonly NumberedEvent[], orders: TopicLog): Promise<Finding[]> => {
  const client = new pg.Client({ connectionString: stack.postgres.url });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>('SELECT id FROM millrace_events WHERE source = $1', [SOURCE]);
    const stored = all.filter(({ kind }) => !UNSTORED.includes(kind));
    const seen = await client.query<{ key: string; n: number }>('SELECT key, n FROM witness ORDER BY seq');
    return [
      compare(
        'rows in Postgres',
        ids(stored),
        rows.map(({ id }) => id),
      ),
      inOrder(seen.rows, all, orders),
    ];
  } finally {
    await client.end();
  }
};

/** Whether the witness saw every key's events in the order of the topic, repeats left aside. */
const inOrder = (
  seen: readonly { key: string; n: number }[],
  all: readonly NumberedEvent[],
  log: TopicLog,
): Finding => {
  const deadly = new Set(all.filter(({ kind }) => kind === 'deadly').map(({ n }) => n));
  const expected = byKey(log.entries.filter(({ n }) => !deadly.has(n)));
  const found = byKey(seen);
  const wrong = [...expected].flatMap(([key, numbers]) => {
    const given = found.get(key) ?? [];
    const at = numbers.findIndex((n, i) => given[i] !== n);
    return at < 0 && given.length === numbers.length
      ? []
      : [`${key}: ${given[at] ?? 'nothing'} in place of ${numbers[at]} at ${at}`];
  });
  return finding('keys in order at the fifo sink', expected.size, expected.size - wrong.length, wrong);
};

const byKey = (entries: readonly { key: string; n: number }[]): Map<string, number[]> => {
  const keys = new Map<string, Set<number>>();
  for (const { key, n } of entries) keys.set(key, (keys.get(key) ?? new Set()).add(n));
  return new Map([...keys].map(([key, numbers]) => [key, [...numbers]]));
};

const differing = ({ deliveries }: Stack): string[] =>
  [...deliveries.webhookIds].filter(([, of]) => of.size > 1).map(([id, of]) => `${id}: ${[...of].join(', ')}`);

const inSeries = async ({ transport }: Evidence, readings: readonly NumberedEvent[]): Promise<Finding> => {
  const prefix = transport.keys.stream({ name: 'series', partition: 0 });
  const store = await openSeriesStore(transport.connections.connectTo(prefix, 'series'), { prefix });
  const found: string[] = [];
  for (const metric of METRICS) {
    const series = seriesName(metric, SOURCE);
    const points = await store.range({ series }, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    found.push(...points.map(({ value }) => `e${value}`));
  }
  return compare('samples', ofKind(readings, 'reading'), found);
};

/** What Postgres takes none of, for whatever reason. */
const UNSTORED: readonly EventKind[] = ['unstorable', 'forbidden', 'slow'];

const inDeadLetters = async ({ transport, intruder }: Evidence, all: readonly NumberedEvent[]): Promise<Finding[]> => {
  const expected: Readonly<Record<string, readonly string[]>> = {
    router: intruder.certain.in,
    'sink-postgres': [...UNSTORED.flatMap((kind) => ofKind(all, kind)), ...intruder.certain['topic:orders']],
    'sink-webhook': intruder.certain['topic:orders'],
    'sink-timeseries': ofKind(all, 'unreadable'),
    witness: [...ofKind(all, 'deadly'), ...intruder.certain['topic:orders']],
  };
  const findings: Finding[] = [];
  for (const { group } of await transport.registry.groups()) {
    // Its events are given up after their attempts, or wait for somebody to enable it.
    if (group === groupOf(UNREACHABLE)) continue;
    const found: string[] = [];
    for await (const page of new Operations(transport).deadLetters.all({ group, partition: 0, from: '-', to: '+' })) {
      found.push(
        ...page
          .map(({ json, fields, error }) => idIn(json, fields) ?? error)
          .filter((id) => !intruder.uncertain.has(id)),
      );
    }
    const compared = compare(`dead letters of ${group}`, expected[group] ?? [], found);
    findings.push({ ...compared, examples: await withWhereabouts(transport, compared.examples) });
  }
  return findings;
};

const withWhereabouts = async (transport: RedisTransport, examples: readonly string[]): Promise<readonly string[]> => {
  const redis = transport.connections.connect('whereabouts');
  return Promise.all(
    examples.map(async (example) => `${example}: ${await whereaboutsOf(redis, example.split(' ')[0] as string)}`),
  );
};

/** Of an event, or of an entry that is none. */
const idIn = (json: string | undefined, fields: readonly string[] | undefined): string | undefined => {
  const intruder = intruderIn(JSON.stringify([json?.replaceAll('\\', ''), fields]).replaceAll('\\"', '"'));
  return intruder ?? (json === undefined ? undefined : (JSON.parse(json) as { id: string }).id);
};

const disabled = async ({ transport }: Evidence): Promise<string[]> => {
  const { offAt } = await new EndpointStates(transport).of(UNREACHABLE);
  return offAt === undefined ? [`${UNREACHABLE} is not disabled`] : [];
};

const stalled = ({ stalls }: Evidence): string[] =>
  [...stalls.longest]
    .filter(([group, { ms }]) => ms > mayStandMs(group))
    .map(([group, { ms, at, mark }]) => `${group} for ${Math.round(ms)} ms, at ${(at / 1000).toFixed(1)} s: ${mark}`);

const warnings = ({ folder }: Stack): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .flatMap((name) =>
      readFileSync(join(folder, name), 'utf8')
        .split('\n')
        .filter((line) => /\(node:\d+\).*Warning/.test(line))
        .map((line) => `${name}: ${line}`),
    );

const deaths = ({ workers }: Stack): string[] => workers.flatMap(({ mayDie, deaths }) => (mayDie ? [] : deaths));

const unclean = ({ workers }: Stack): string[] =>
  workers.flatMap(({ label, uncleanStops }) => uncleanStops.map((stop) => `${label}: ${stop}`));
