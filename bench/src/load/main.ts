/** The load, as a process of its own: its specification comes as JSON in the first argument, its result goes to stdout. */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Pool } from 'undici';
import { Bodies, CONTENT_TYPES } from './bodies.js';
import { type Load, type LoadResult, WARM_UP } from './load.js';

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
      const now = performance.now();
      await send(bodies.next(count, now), count, now);
    }
  };
  await Promise.all(Array.from({ length: load.connections }, worker));
};

/** Open loop: a slow answer does not make the next request wait, so it is not left out of the percentiles. */
const onTime = async (perSecond: number): Promise<void> => {
  const requests = Math.ceil(load.events / load.batch);
  const metronome = new Worker(new URL('./metronome.js', import.meta.url), { workerData: { perSecond, requests } });
  const sent: Promise<void>[] = [];
  metronome.on('message', (epoch: number) => {
    const dueAt = epoch - performance.timeOrigin;
    sent.push(send(bodies.next(load.batch, dueAt), load.batch, dueAt));
  });
  await once(metronome, 'exit');
  await Promise.all(sent);
  // In the first of them connections were opened, and code was compiled.
  latencies.splice(0, Math.floor(requests * WARM_UP));
};

const begin = performance.now();
await (load.perSecond === undefined ? asManyAsAreTaken() : onTime(load.perSecond));
const seconds = (performance.now() - begin) / 1000;
await pool.destroy();
latencies.sort((a, b) => a - b);
process.stdout.write(JSON.stringify({ accepted, refused, seconds, latencies } satisfies LoadResult));
