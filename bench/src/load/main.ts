/** The load, as a process of its own: its specification comes as JSON in the first argument, its result goes to stdout. */
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { Bodies, CONTENT_TYPES } from './bodies.js';
import type { Load, LoadResult } from './load.js';

const load = JSON.parse(process.argv[2] ?? '') as Load;
const bodies = new Bodies(load.form, load.payload, load.run);
const connections = load.perSecond === undefined ? load.connections : 256;
const pool = new Pool(load.url, { connections, pipelining: 1, keepAliveTimeout: 60_000 });
const headers = { 'content-type': CONTENT_TYPES[load.form] };
const latencies: number[] = [];
let accepted = 0;
let refused = 0;

/** One request, sent again while the answer is 429 or 503: what is not accepted does not count. */
const send = async (body: string, count: number, dueAt: number): Promise<void> => {
  for (;;) {
    const answer = await pool.request({ path: '/v1/events', method: 'POST', headers, body });
    await answer.body.dump({ limit: Number.MAX_SAFE_INTEGER });
    if (answer.statusCode === 202) {
      latencies.push(performance.now() - dueAt);
      accepted += count;
      return;
    }
    refused += 1;
    if (answer.statusCode !== 429 && answer.statusCode !== 503) throw new Error(`answered ${answer.statusCode}`);
    await pause(50);
  }
};

const asManyAsAreTaken = async (): Promise<void> => {
  let left = load.events;
  const worker = async () => {
    while (left > 0) {
      const count = Math.min(load.batch, left);
      left -= count;
      await send(bodies.next(count), count, performance.now());
    }
  };
  await Promise.all(Array.from({ length: load.connections }, worker));
};

/** Open loop: a slow answer does not make the next request wait, so it is not left out of the percentiles. */
const onTime = async (perSecond: number): Promise<void> => {
  const begin = performance.now();
  const sent: Promise<void>[] = [];
  const requests = Math.ceil(load.events / load.batch);
  for (let n = 0; n < requests; ) {
    const now = performance.now();
    const due = Math.min(requests, Math.floor(((now - begin) / 1000) * perSecond) + 1);
    for (; n < due; n += 1) sent.push(send(bodies.next(load.batch), load.batch, begin + (n / perSecond) * 1000));
    await pause(1);
  }
  await Promise.all(sent);
};

const begin = performance.now();
await (load.perSecond === undefined ? asManyAsAreTaken() : onTime(load.perSecond));
const seconds = (performance.now() - begin) / 1000;
await pool.destroy();
latencies.sort((a, b) => a - b);
process.stdout.write(JSON.stringify({ accepted, refused, seconds, latencies } satisfies LoadResult));
