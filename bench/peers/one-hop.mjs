import { readFileSync } from 'node:fs';

/** Events of the warm-up, of those that are measured, and of a batch where there are batches. */
const EVENTS = Number(process.env.EVENTS ?? 20_000);
export const BATCH = 100;
/** How many may be under way: beyond, the sender waits. */
const IN_FLIGHT = 5000;

/** Where the server is, and its process. */
export const { SERVER_URL } = process.env;
export const redisOptions = () => {
  const { hostname, port } = new URL(SERVER_URL);
  return { host: hostname, port: Number(port) };
};

const eventOf = (n) => ({
  specversion: '1.0',
  id: `hop-${String(n).padStart(9, '0')}`,
  source: '/bench',
  type: 'bench.0',
  time: new Date().toISOString(),
  data: { n, text: 'x'.repeat(150) },
});

/** CPU time of the server so far, in microseconds; the kernel counts in hundredths of a second. */
const serverMicros = () => {
  const [, fields] = readFileSync(`/proc/${process.env.SERVER_PID}/stat`, 'utf8').split(/\) (?=[A-Z] )/);
  const [user, system] = fields.split(' ').slice(11, 13);
  return (Number(user) + Number(system)) * 10_000;
};

let received = 0;
/** A consumer says that it has taken this many. */
export const take = (count = 1) => {
  received += count;
};

/** Sends events by `sendBatch` until all have been taken; writes what that took as one line of JSON. */
export const run = async (sendBatch) => {
  let sent = 0;
  const until = async (condition) => {
    const deadline = Date.now() + 120_000;
    while (!condition()) {
      if (Date.now() > deadline) break;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const pump = async (events) => {
    const end = sent + events;
    while (sent < end) {
      await until(() => sent - received < IN_FLIGHT);
      await sendBatch(Array.from({ length: BATCH }, () => eventOf(sent++)));
    }
    await until(() => received >= end);
  };
  await pump(Math.ceil(EVENTS / 4 / BATCH) * BATCH);
  const lostBefore = sent - received;
  const cpu = process.cpuUsage();
  const serverBefore = serverMicros();
  const began = performance.now();
  await pump(EVENTS);
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const serverAfter = serverMicros();
  const result = {
    events: EVENTS,
    seconds,
    cpu: { node: (user + system) / EVENTS, server: (serverAfter - serverBefore) / EVENTS },
    lost: sent - received - lostBefore,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
};
