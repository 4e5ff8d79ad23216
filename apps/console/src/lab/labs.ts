import { LOGGER, type Logger } from '@millrace/host';
import { Operations } from '@millrace/operations';
import { PeriodicTask } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { missing } from '../contract/problems.js';
import { Observer } from '../observation/observer.js';
import { TopicLab } from './topic-lab.js';

/** A lab that nobody looks at any more ends. */
const FORGOTTEN_AFTER_MS = 600_000;
const LOOK_EVERY_MS = 30_000;

/** The labs that run in this process. */
@Injectable()
export class Labs implements OnModuleDestroy {
  private readonly labs = new Map<string, TopicLab>();
  private readonly ending = new Map<string, Promise<void>>();
  private readonly redis;
  private readonly looking = new PeriodicTask(() => this.endForgotten(), {
    everyMs: LOOK_EVERY_MS,
    onError: (error) => this.log.warn({ err: error }, 'cannot end forgotten labs; retrying'),
    unref: true,
  });

  constructor(
    @Inject(RedisTransport) private readonly transport: RedisTransport,
    @Inject(Operations) private readonly operations: Operations,
    @Inject(Observer) private readonly observer: Observer,
    @Inject(LOGGER) private readonly log: Logger,
  ) {
    this.redis = transport.connections.connect('lab');
    this.looking.start(LOOK_EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    void this.looking.stop();
    await Promise.all([...this.labs.keys()].map((topic) => this.end(topic)));
  }

  /** Topics that have one. */
  running(): string[] {
    return [...this.labs.values()].filter(({ isRunning }) => isRunning).map(({ topic }) => topic);
  }

  /** Works with the lab of a topic. Throws a 404 where there is no such topic; rejects with `Unavailable`. */
  async in<T>(topic: string, work: (lab: TopicLab) => Promise<T>): Promise<T> {
    if (!(await this.observer.topicNames()).includes(topic)) {
      throw missing(`Topic "${topic.slice(0, 100)}" not found`);
    }
    const { count } = this.transport.partitions;
    // One of fewer partitions does not have all of the topic any more.
    if (this.labs.get(topic)?.partitions !== count) await this.end(topic);
    const lab = this.labs.get(topic) ?? new TopicLab(topic, count, this.transport, this.operations, this.redis);
    this.labs.set(topic, lab);
    return work(lab);
  }

  async end(topic: string): Promise<void> {
    const lab = this.labs.get(topic);
    if (lab !== undefined) {
      this.labs.delete(topic);
      const ending = lab
        .close()
        .catch((error: Error) => this.log.warn({ err: error }, `the lab of ${topic} may not be deleted`))
        .finally(() => this.ending.delete(topic));
      this.ending.set(topic, ending);
    }
    await this.ending.get(topic);
  }

  private async endForgotten(): Promise<void> {
    for (const { topic, usedAt } of this.labs.values()) {
      if (performance.now() - usedAt > FORGOTTEN_AFTER_MS) await this.end(topic);
    }
  }
}
