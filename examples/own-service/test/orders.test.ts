import 'reflect-metadata';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { MemoryTransport } from '@millrace/streams/memory';
import { StreamClient } from '@millrace/streams-nest';
import type { INestMicroservice } from '@nestjs/common';
import { lastValueFrom } from 'rxjs';
import { GROUP, STREAM, serviceOn } from '../src/service.js';

describe('the confirmation of orders', () => {
  let mail: Server;
  /** Statuses that the mail service answers with, one request after the other; then 200. */
  let answers: number[];
  /** Orders that were confirmed. */
  let confirmed: string[];
  let transport: MemoryTransport;
  let service: INestMicroservice;

  beforeEach(async () => {
    [answers, confirmed] = [[], []];
    mail = createServer((request, response) => {
      const status = answers.shift() ?? 200;
      if (status === 200) confirmed.push(String(request.headers['idempotency-key']));
      response.writeHead(status).end();
      mail.emit('answered');
    });
    await once(mail.listen(0, '127.0.0.1'), 'listening');
    transport = new MemoryTransport();
    const { port } = mail.address() as AddressInfo;
    service = await serviceOn(transport, `http://127.0.0.1:${port}/`, () => 0);
    await service.listen();
  });

  afterEach(async () => {
    await service.close();
    await transport.close();
    mail.closeAllConnections();
    await new Promise((resolve) => mail.close(resolve));
  });

  const place = (id: string, data: object) =>
    lastValueFrom(new StreamClient({ transport }).emit(STREAM, { id, source: '/shop', type: 'order.placed', data }));

  const deadLetters = () => transport.reader.range({ name: `dead:${GROUP}`, partition: 0 }, '-', '+', 10);

  it('is sent once for each order', async () => {
    const answered = once(mail, 'answered');
    await place('o1', { email: 'ada@example.com' });
    await answered;
    assert.deepEqual(confirmed, ['o1']);
  });

  it('is tried again where the mail service fails for the moment', async () => {
    answers = [500, 503];
    await place('o1', { email: 'ada@example.com' });
    while (confirmed.length === 0) await once(mail, 'answered');
    assert.deepEqual(confirmed, ['o1']);
    assert.deepEqual(await deadLetters(), []);
  });

  it('is a dead letter where it can never be sent, and the next order goes on', async () => {
    await place('o1', {});
    const answered = once(mail, 'answered');
    await place('o2', { email: 'ada@example.com' });
    await answered;
    assert.deepEqual(confirmed, ['o2']);
    const [letter] = await deadLetters();
    assert.match(String(letter?.event.json), /"id":"o1"/);
  });
});
