import { type AppendResult, type Producer, type StreamedEvent, Unavailable } from '@millrace/streams';
import { MemoryTransport } from '@millrace/streams/memory';
import { Coalescer } from '../src/events/coalescer.js';

const IN = { name: 'in', partition: 0 };
const one = (n: number) => [{ event: { type: 't', json: `{"id":"${n}"}` }, digests: [] }];

/** The producer of a transport, which notes how many events each call had. */
const noting = (producer: Producer): Producer & { readonly sizes: number[] } => {
  const sizes: number[] = [];
  return {
    sizes,
    append: (stream, events, options): Promise<AppendResult[]> => {
      sizes.push(events.length);
      return producer.append(stream, events as StreamedEvent[], options);
    },
  };
};

describe('Coalescer', () => {
  it('appends as one what comes together; each gets its own results', async () => {
    const transport = new MemoryTransport();
    const producer = noting(transport.producer);
    const coalescer = new Coalescer(producer, IN, 1);
    const results = await Promise.all(Array.from({ length: 100 }, (_, n) => coalescer.append(one(n))));
    expect(producer.sizes).toEqual([100]);
    const stored = await transport.reader.range(IN, '-', '+', 1000);
    expect(results.map(([result]) => result?.position)).toEqual(stored.map(({ position }) => position));
    await transport.close();
  });

  it('keeps a flush to 500 events, and a request whole', async () => {
    const transport = new MemoryTransport();
    const producer = noting(transport.producer);
    const coalescer = new Coalescer(producer, IN, 1);
    const request = (from: number) => Array.from({ length: 300 }, (_, n) => one(from + n)).flat();
    const results = await Promise.all([coalescer.append(request(0)), coalescer.append(request(300))]);
    expect(producer.sizes).toEqual([300, 300]);
    expect(results.map((each) => each.length)).toEqual([300, 300]);
    await transport.close();
  });

  it('tells everybody of a flush that it failed, and goes on', async () => {
    let fails = true;
    const transport = new MemoryTransport();
    const producer: Producer = {
      append: (...args) => (fails ? Promise.reject(new Unavailable('away')) : transport.producer.append(...args)),
    };
    const coalescer = new Coalescer(producer, IN, 1);
    const settled = await Promise.allSettled([coalescer.append(one(1)), coalescer.append(one(2))]);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    fails = false;
    expect(await coalescer.append(one(3))).toHaveLength(1);
    await transport.close();
  });
});
