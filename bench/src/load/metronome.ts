/** Says when each request is due, from a thread that sleeps in between: timers of Node are a millisecond late and more. */
import { parentPort, workerData } from 'node:worker_threads';

const { perSecond, requests } = workerData as { perSecond: number; requests: number };
const nothing = new Int32Array(new SharedArrayBuffer(4));
const begin = Date.now() + 100;

for (let n = 0; n < requests; n += 1) {
  const dueAt = begin + (n / perSecond) * 1000;
  const left = dueAt - performance.timeOrigin - performance.now();
  if (left > 0) Atomics.wait(nothing, 0, 0, left);
  parentPort?.postMessage(dueAt);
}
