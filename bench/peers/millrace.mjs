/** Millrace's transport: appended in batches, as frames or an entry for each event, consumed in batches, each event parsed, all acknowledged in one step. */
import { serveBatches } from '../../packages/streams/dist/index.js';
import { RedisTransport } from '../../packages/streams/dist/redis/index.js';
import { run, SERVER_URL, take } from './one-hop.mjs';

const STREAM = { name: 'hop', partition: 0 };
const transport = new RedisTransport({ url: SERVER_URL, frameMaxEvents: Number(process.env.FRAME_MAX_EVENTS) });
const consumer = transport.consumer({ group: 'hop', streams: () => [STREAM.name], partition: 0 });
const handle = async (batch) => {
  for (const { event } of batch.deliveries) JSON.parse(event.json);
  await batch.settle(() => ({ kind: 'ack' }));
  take(batch.deliveries.length);
};
void serveBatches(consumer, handle, new AbortController().signal);
await run((events) =>
  transport.producer.append(
    STREAM,
    events.map((event) => ({ type: event.type, json: JSON.stringify(event) })),
  ),
);
