/** moleculer-channels over Redis Streams: one call a message, acknowledged one by one, as it has it. */
import { createRequire } from 'node:module';
import { run, SERVER_URL, take } from './one-hop.mjs';

const require = createRequire(import.meta.url);
const { ServiceBroker } = require('moleculer');
const { Middleware } = require('@moleculer/channels');
const broker = new ServiceBroker({ logger: false, middlewares: [Middleware({ adapter: SERVER_URL })] });
broker.createService({
  name: 'hop',
  channels: { hop: { maxInFlight: 500, redis: { minIdleTime: 60_000 }, handler: async () => take() } },
});
await broker.start();
await run((events) => Promise.all(events.map((event) => broker.sendToChannel('hop', event))));
