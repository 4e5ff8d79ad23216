/** NATS JetStream: a stream on disk, each message acknowledged by the server and by the consumer. */
import { AckPolicy, jetstream, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { BATCH, run, SERVER_URL, take } from './one-hop.mjs';

const STREAM = 'hop';
const connection = await connect({ servers: SERVER_URL });
const manager = await jetstreamManager(connection);
await manager.streams.add({ name: STREAM, subjects: [STREAM], storage: StorageType.File });
await manager.consumers.add(STREAM, {
  durable_name: STREAM,
  ack_policy: AckPolicy.Explicit,
  max_ack_pending: 50 * BATCH,
});
const client = jetstream(connection);
const consumer = await client.consumers.get(STREAM, STREAM);
const messages = await consumer.consume({ max_messages: 5 * BATCH });
void (async () => {
  for await (const message of messages) {
    JSON.parse(message.string());
    message.ack();
    take();
  }
})();
await run((events) => Promise.all(events.map((event) => client.publish(STREAM, JSON.stringify(event)))));
