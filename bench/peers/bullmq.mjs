/** BullMQ: jobs added in bulk, a worker with a concurrency of 100. */
import { Queue, Worker } from 'bullmq';
import { redisOptions, run, take } from './one-hop.mjs';

const connection = { ...redisOptions(), maxRetriesPerRequest: null };
const queue = new Queue('hop', { connection, defaultJobOptions: { removeOnComplete: true } });
const worker = new Worker('hop', async () => take(), { connection, concurrency: 100 });
await worker.waitUntilReady();
await run((events) => queue.addBulk(events.map((data) => ({ name: 'event', data }))));
