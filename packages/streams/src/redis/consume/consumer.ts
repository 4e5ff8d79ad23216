import type { Batch, Consumer, ConsumerOptions } from '../../contract.js';
import type { ConsumerContext } from './member.js';
import { OrderedReading } from './ordered-reading.js';
import { UnorderedReading } from './unordered-reading.js';

/** How a consumer reads: what is in order, and what may be in flight beside it. */
interface Reading {
  /** Batches until the signal, then it leaves. */
  until(stop: AbortSignal): AsyncIterable<Batch>;
  /** Ends a read that waits. */
  interrupt(): void;
}

/** A consumer of a group in one partition, by the strategy of its order. */
export class RedisConsumer implements Consumer {
  constructor(
    readonly name: string,
    private readonly options: Required<ConsumerOptions>,
    private readonly context: ConsumerContext,
  ) {}

  async *batches(signal: AbortSignal): AsyncIterable<Batch> {
    const { closing, onRunning } = this.context;
    const stop = AbortSignal.any([signal, closing]);
    const reading = this.reading();
    const interrupt = () => reading.interrupt();
    stop.addEventListener('abort', interrupt);
    let ended: () => void = () => undefined;
    onRunning(new Promise((resolve) => (ended = resolve)));
    try {
      yield* reading.until(stop);
    } finally {
      stop.removeEventListener('abort', interrupt);
      ended();
    }
  }

  private reading(): Reading {
    const Strategy = this.options.order === 'none' ? UnorderedReading : OrderedReading;
    return new Strategy(this.name, this.options, this.context);
  }
}
