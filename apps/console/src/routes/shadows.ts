import type { ShadowReport } from '@millrace/admin-api';
import { type Route, Transformer } from '@millrace/routes';
import { INBOX, inEveryPartition, servePartitions } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Shadow } from './shadow.js';

const LIMITS = { timeoutMs: 100, memoryMb: 128, maxBytes: 1_048_576 };
const PAGE = 500;
const PAGE_BYTES = 1024 * 1024;

/** Runs drafts over what came in, beside the live routes. */
@Injectable()
export class Shadows implements OnModuleDestroy {
  private readonly transformer = new Transformer(LIMITS);

  constructor(@Inject(RedisTransport) private readonly transport: RedisTransport) {}

  onModuleDestroy(): void {
    this.transformer.close();
  }

  /** Over the newest retained events of each partition, a page at a time. Rejects with `Unavailable`. */
  async overLast(routes: readonly Route[], draft: Route, last: number): Promise<ShadowReport> {
    const shadow = new Shadow(routes, draft);
    const each = Math.ceil(last / this.transport.partitions.count);
    for (const stream of inEveryPartition(INBOX, this.transport.partitions.count)) {
      let to = '+';
      for (let left = each; left > 0; ) {
        const page = await this.transport.reader.newest(stream, '-', to, Math.min(left, PAGE), PAGE_BYTES);
        await shadow.look(page);
        if (shadow.isSpent) return shadow.report(this.transformer);
        left -= page.length;
        const oldest = page.at(-1);
        if (oldest === undefined) break;
        to = `(${oldest.position}`;
      }
    }
    return shadow.report(this.transformer);
  }

  /** Over what comes in within that time. */
  async live(routes: readonly Route[], draft: Route, seconds: number): Promise<ShadowReport> {
    const shadow = new Shadow(routes, draft);
    const stop = AbortSignal.timeout(seconds * 1000);
    const { partitions, reader } = this.transport;
    const { count } = partitions;
    const watch = async (partition: number): Promise<void> => {
      // Of one that there is since, all is to come.
      const after = partition < count ? '$' : '0-0';
      for await (const delivery of reader.tail({ name: INBOX, partition }, after, stop)) await shadow.look([delivery]);
    };
    await servePartitions(partitions, watch, stop);
    return shadow.report(this.transformer);
  }
}
