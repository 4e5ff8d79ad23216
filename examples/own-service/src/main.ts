import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { RedisTransport } from '@millrace/streams/redis';
import { StreamClient } from '@millrace/streams-nest';
import { lastValueFrom } from 'rxjs';
import { STREAM, serviceOn } from './service.js';

const { REDIS_URL = 'redis://127.0.0.1:6379', MAIL_URL = 'http://127.0.0.1:8025/' } = process.env;
const transport = new RedisTransport({ url: REDIS_URL, keyPrefix: 'shop:' });

if (process.argv[2] === 'place') {
  // What another service does: append an event, and wait until it is stored.
  const client = new StreamClient({ transport });
  const event = { id: randomUUID(), source: '/shop', type: 'order.placed', data: { email: process.argv[3] } };
  await lastValueFrom(client.emit(STREAM, event));
  console.log(`placed ${event.id}`);
  await transport.close();
} else {
  const service = await serviceOn(transport, MAIL_URL);
  await service.listen();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, async () => {
      // Finishes the batch in flight, releases the rest, then closes the connections.
      await service.close();
      await transport.close();
    });
  }
}
