/** RabbitMQ: persistent messages in a durable queue, confirmed by the batch and acknowledged by the hundred. */
import amqp from 'amqplib';
import { BATCH, run, SERVER_URL, take } from './one-hop.mjs';

const QUEUE = 'hop';
const [sending, receiving] = await Promise.all([amqp.connect(SERVER_URL), amqp.connect(SERVER_URL)]);
const publisher = await sending.createConfirmChannel();
await publisher.assertQueue(QUEUE, { durable: true });
const consumer = await receiving.createChannel();
await consumer.prefetch(5 * BATCH);
let unacknowledged = 0;
await consumer.consume(QUEUE, (message) => {
  JSON.parse(message.content.toString());
  unacknowledged += 1;
  if (unacknowledged === BATCH) {
    consumer.ack(message, true);
    unacknowledged = 0;
  }
  take();
});
await run(async (events) => {
  for (const event of events) publisher.sendToQueue(QUEUE, Buffer.from(JSON.stringify(event)), { persistent: true });
  await publisher.waitForConfirms();
});
