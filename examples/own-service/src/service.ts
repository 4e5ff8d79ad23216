import type { Transport } from '@millrace/streams';
import { StreamServer } from '@millrace/streams-nest';
import type { INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Mailer } from './mailer.js';
import { OrdersController } from './orders.controller.js';

/** The stream that orders go to, and the consumer group that confirms them: each group gets every event. */
export const STREAM = 'orders';
export const GROUP = 'confirmations';

/** The service on any transport: Redis in production, memory in tests. `retryDelayMs`: before the attempt after the n-th. */
export const serviceOn = (
  transport: Transport,
  mailUrl: string,
  retryDelayMs: (attempt: number) => number = (attempt) => 1000 * 2 ** attempt,
): Promise<INestMicroservice> => {
  const strategy = new StreamServer({
    transport,
    group: GROUP,
    streams: () => [STREAM],
    maxAttempts: 5,
    retryDelayMs,
  });
  const module = {
    module: class OrdersModule {},
    controllers: [OrdersController],
    providers: [{ provide: Mailer, useValue: new Mailer(mailUrl) }],
  };
  return NestFactory.createMicroservice(module, { strategy });
};
