import type { BenchCase } from './bench-case.js';

const BASE: BenchCase = {
  name: '',
  about: '',
  end: 'postgres',
  form: 'ndjson',
  payload: 'small',
  batch: 100,
  connections: 8,
  events: 200_000,
  aof: true,
  routes: 10,
  topics: 1,
  deduplicates: true,
  floorHttp: 'node',
};

const SINGLE = { form: 'single', batch: 1, connections: 64, events: 60_000 } as const;

/** Everything that is measured. */
export const CASES: readonly BenchCase[] = [
  { ...BASE, name: 'postgres', about: 'NDJSON of 100 → router → Postgres', target: 1, isQuick: true },
  { ...BASE, name: 'postgres-no-aof', about: 'the same without an append-only file', aof: false, target: 1 },
  { ...BASE, name: 'array', about: 'JSON arrays of 100 → router → Postgres', form: 'array', target: 1.05 },
  { ...BASE, ...SINGLE, name: 'single', about: 'single requests → router → Postgres', target: 1.25, isQuick: true },
  {
    ...BASE,
    name: 'github',
    about: 'real events of 10 KB, NDJSON of 20 → router → Postgres',
    payload: 'github',
    batch: 20,
    events: 20_000,
    target: 1.25,
  },
  { ...BASE, name: 'no-sink', about: 'NDJSON of 100 → router', end: 'router', aof: false, isQuick: true },
  {
    ...BASE,
    name: 'null-sink',
    about: 'NDJSON of 100 → router → a sink that does nothing',
    end: 'null',
    aof: false,
    target: 1.2,
  },
  { ...BASE, name: 'topics-3', about: 'the same to three topics, no sink', end: 'router', topics: 3, aof: false },
  {
    ...BASE,
    name: 'routes-1000',
    about: 'the same with 1,000 routes, no sink',
    end: 'router',
    routes: 1000,
    aof: false,
  },
  {
    ...BASE,
    name: 'no-dedup',
    about: 'the same without deduplication, no sink',
    end: 'router',
    deduplicates: false,
    aof: false,
  },
  {
    ...BASE,
    name: 'entries',
    about: 'NDJSON of 100 → router → Postgres, an entry for each event',
    frameMaxEvents: 1,
  },
  {
    ...BASE,
    name: 'entries-null-sink',
    about: 'the same → router → a sink that does nothing',
    end: 'null',
    aof: false,
    frameMaxEvents: 1,
  },
  {
    ...BASE,
    name: 'backlog',
    about: 'a million events that waited, into Postgres',
    isBacklog: true,
    events: 1_000_000,
    rounds: 1,
    target: 1.25,
  },
  {
    ...BASE,
    name: 'timeseries',
    about: 'NDJSON of 100 → router → samples in plain Redis, with two rollups',
    end: 'timeseries',
    aof: false,
    target: 1.3,
  },
  {
    ...BASE,
    ...SINGLE,
    name: 'webhook',
    about: 'single requests → router → webhooks, 64 at once',
    end: 'webhook',
    aof: false,
    events: 20_000,
    target: 1.3,
  },
  {
    ...BASE,
    name: 'gateway',
    about: 'NDJSON of 100, gateway alone, beside Fastify with the same append',
    end: 'gateway',
    aof: false,
    floorHttp: 'fastify',
    sameAppend: true,
    target: 1.1,
  },
  {
    ...BASE,
    ...SINGLE,
    name: 'gateway-single',
    about: 'single requests, gateway alone, beside node:http with the same append',
    end: 'gateway',
    aof: false,
    sameAppend: true,
    target: 1.3,
  },
  {
    ...BASE,
    name: 'latency',
    about: 'single requests at 2,000 a second → router → Postgres',
    form: 'single',
    batch: 1,
    events: 20_000,
    perSecond: 2000,
    isQuick: true,
  },
];

/** The cases of these names; all without any. Throws a RangeError that names the one that is not there. */
export const casesOf = (names: readonly string[], quick: boolean): readonly BenchCase[] => {
  for (const name of names) {
    if (!CASES.some((one) => one.name === name)) throw new RangeError(`there is no case "${name}"; --list names them`);
  }
  if (names.length > 0) return CASES.filter(({ name }) => names.includes(name));
  return quick ? CASES.filter(({ isQuick }) => isQuick) : CASES;
};
