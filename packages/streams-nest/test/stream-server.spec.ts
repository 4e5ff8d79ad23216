import 'reflect-metadata';
import { type Batch, type Delivery, PermanentError, TransientError, Unavailable } from '@millrace/streams';
import { MemoryTransport } from '@millrace/streams/memory';
import { waitFor } from '@millrace/testkit';
import {
  Catch,
  Controller,
  type INestMicroservice,
  type RpcExceptionFilter,
  type Type,
  UseFilters,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { defer, lastValueFrom, type Observable, throwError, timer } from 'rxjs';
import { map } from 'rxjs/operators';
import { BatchHandler, StreamClient, StreamContext, StreamServer } from '../src/index.js';

const IN = { name: 'in', partition: 0 };
const event = (id: string, type = 'order') => ({ type, json: JSON.stringify({ id, source: '/s', type }) });

let transport: MemoryTransport;
let app: INestMicroservice | undefined;

beforeEach(() => {
  transport = new MemoryTransport();
});
afterEach(async () => {
  await app?.close();
  app = undefined;
  await transport.close();
});

const serve = async (controller: Type): Promise<void> => {
  const strategy = new StreamServer({
    transport,
    group: 'g',
    streams: () => ['in'],
    maxAttempts: 2,
    retryDelayMs: () => 0,
  });
  app = await NestFactory.createMicroservice(
    { module: class {}, controllers: [controller] },
    { strategy, logger: false },
  );
  await app.listen();
};

const dead = async (): Promise<string[]> => {
  const letters = await transport.reader.range({ name: 'dead:g', partition: 0 }, '-', '+', 10);
  return letters.map(({ event: { json } }) => (JSON.parse(json) as { id: string }).id);
};

describe('a handler of batches', () => {
  it('gets whole batches and settles them itself; what it throws decides for the rest', async () => {
    const seen: string[][] = [];
    @Controller()
    class Handler {
      @BatchHandler()
      async take(@Payload() batch: Batch): Promise<void> {
        seen.push(batch.deliveries.map(({ event: { json } }) => (JSON.parse(json) as { id: string }).id));
        await batch.settle(() => ({ kind: 'ack' }), batch.deliveries.slice(0, 1));
        if (batch.deliveries.length > 1) throw new Error('the rest failed');
      }
    }
    await transport.producer.append(IN, [event('1'), event('2'), event('3')]);
    await serve(Handler);
    await waitFor(() => seen.flat().length >= 5, { what: 'the second attempts' });
    expect(seen[0]).toEqual(['1', '2', '3']);
    expect(
      seen
        .slice(1)
        .flat()
        .filter((id) => id === '1'),
    ).toEqual([]);
  });

  it('keeps its batch, uncounted, while the target is away', async () => {
    const attempts: number[] = [];
    @Controller()
    class Handler {
      @BatchHandler()
      async take(@Payload() batch: Batch): Promise<void> {
        attempts.push((batch.deliveries[0] as Delivery).attempt);
        if (attempts.length < 4) throw new Unavailable('away', { retryAfterMs: 1 });
        await batch.settle(() => ({ kind: 'ack' }));
      }
    }
    await transport.producer.append(IN, [event('1')]);
    await serve(Handler);
    await waitFor(() => attempts.length === 4, { what: 'four calls' });
    expect(attempts).toEqual([1, 1, 1, 1]);
    expect(await dead()).toEqual([]);
  });
});

describe('handlers of events', () => {
  it('are found by type, are waited for, and decide by what they throw', async () => {
    const done: string[] = [];
    @Controller()
    class Handler {
      @EventPattern('order')
      take(@Payload() { id }: { id: string }, @Ctx() context: unknown) {
        const { delivery } = context as StreamContext;
        if (id === 'bad') throw new PermanentError('never');
        if (id === 'later' && delivery.attempt === 1) throw new TransientError('once');
        // Acknowledged only when what it returns has ended.
        return defer(() => timer(5)).pipe(map(() => void done.push(id)));
      }
    }
    await transport.producer.append(IN, [
      event('1'),
      event('bad'),
      event('later'),
      event('other', 'unknown'),
      event('2'),
    ]);
    await serve(Handler);
    await waitFor(() => done.length === 3, { what: 'three events' });
    expect([...done].sort()).toEqual(['1', '2', 'later']);
    expect(await dead()).toEqual(['bad']);
  });
});

describe('what a handler of events throws', () => {
  @Catch()
  class Softening implements RpcExceptionFilter {
    catch(): Observable<never> {
      return throwError(() => new TransientError('softened'));
    }
  }
  const permanent = () => new PermanentError('of no use');

  // Nest replaces errors by "Internal server error" of its own, which says nothing and would be retried.
  it.each<[string, () => unknown]>([
    [
      'thrown at once',
      () => {
        throw permanent();
      },
    ],
    ['of a promise', () => Promise.reject(permanent())],
    ['of an observable', () => throwError(permanent)],
  ])('decides, and is in the dead letter: %s', async (_, fail) => {
    let calls = 0;
    @Controller()
    class Handler {
      @EventPattern('order')
      take(@Payload() _event: unknown): unknown {
        calls += 1;
        return fail();
      }
    }
    await transport.producer.append(IN, [event('1'), event('2', 'other')]);
    await serve(Handler);
    await waitFor(async () => (await dead()).length === 1, { what: 'the dead letter' });
    expect(calls).toBe(1);
    const [letter] = await transport.reader.range({ name: 'dead:g', partition: 0 }, '-', '+', 10);
    expect(letter).toMatchObject({ history: [{ attempt: 1, error: expect.stringContaining('of no use') }] });
  });

  it('is what a filter that is named makes of it', async () => {
    let calls = 0;
    @Controller()
    class Handler {
      @EventPattern('order')
      @UseFilters(new Softening())
      take(@Payload() _event: unknown): unknown {
        calls += 1;
        throw permanent();
      }
    }
    await transport.producer.append(IN, [event('1')]);
    await serve(Handler);
    await waitFor(async () => (await dead()).length === 1, { what: 'the dead letter' });
    expect(calls).toBe(2);
  });
});

describe('StreamClient', () => {
  it('appends what it emits, and has no answers', async () => {
    const client = new StreamClient({ transport });
    await lastValueFrom(client.emit('in', { id: '1', source: '/s', type: 'order', data: { n: 1 } }));
    const [delivery] = await transport.reader.range(IN, '-', '+', 1);
    expect(delivery?.event.type).toBe('order');
    expect(JSON.parse(delivery?.event.json ?? '')).toEqual({
      specversion: '1.0',
      id: '1',
      source: '/s',
      type: 'order',
      data: { n: 1 },
    });
    await expect(lastValueFrom(client.send('in', {}))).rejects.toThrow(/use emit and not send/);
  });

  it('rejects where the event was not stored', async () => {
    const full = {
      append: async () => {
        throw new Unavailable('full');
      },
    };
    const client = new StreamClient({ transport: Object.assign(Object.create(transport), { producer: full }) });
    await expect(lastValueFrom(client.emit('in', { id: '1', source: '/s', type: 'order' }))).rejects.toThrow(
      Unavailable,
    );
  });
});
