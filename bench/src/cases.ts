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
  frame: 1,
  deduplicates: true,
  floorHttp: 'node',
};

/** Everything that is measured; the first of each group is what the others are beside. */
export const CASES: readonly BenchCase[] = [
  { ...BASE, name: 'postgres', about: 'NDJSON of 100 → router → Postgres', target: 1.25 },
  { ...BASE, name: 'postgres-no-aof', about: 'the same without an append-only file', aof: false, target: 1.25 },
  { ...BASE, name: 'router', about: 'NDJSON of 100 → router', end: 'router', aof: false, target: 1.25 },
  {
    ...BASE,
    ...{ name: 'single', about: 'single requests → router → Postgres', form: 'single', batch: 1, connections: 64 },
    ...{ events: 60_000, target: 1.3 },
  },
  {
    ...BASE,
    name: 'gateway',
    about: 'NDJSON of 100, gateway alone',
    end: 'gateway',
    aof: false,
    floorHttp: 'fastify',
    target: 1.25,
  },
  {
    ...BASE,
    ...{ name: 'gateway-single', about: 'single requests, gateway alone', end: 'gateway', form: 'single', batch: 1 },
    ...{ connections: 64, events: 60_000, aof: false, target: 1.4 },
  },
  { ...BASE, name: 'github-router', about: '', end: 'router', payload: 'github', batch: 20, events: 30_000, aof: false },
  { ...BASE, name: 'topics-3', about: '', end: 'router', topics: 3, aof: false },
];
