import type { TopicDetail } from '@millrace/admin-api';
import { Operations } from '@millrace/operations';
import type { StreamName } from '@millrace/streams';
import { type GroupRegistration, RedisTransport, type StreamState } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import { least, streamView, workOf } from '../observation/views.js';
import { partitionsOf } from './partitions.js';

interface Part {
  readonly stream: StreamName;
  readonly state: StreamState;
  readonly bytes: number | null;
}

@Injectable()
export class TopicViews {
  constructor(
    @Inject(RedisTransport) private readonly transport: RedisTransport,
    @Inject(Operations) private readonly operations: Operations,
  ) {}

  /** Rejects with `Unavailable`. */
  async of(topic: string): Promise<TopicDetail> {
    const { observations } = this.operations;
    const { registry } = this.transport;
    const streams = partitionsOf(topic, this.transport.partitions.count);
    const [states, bytes, registered] = await Promise.all([
      observations.streams(streams),
      observations.bytes(streams),
      registry.groups(),
    ]);
    const parts = streams.map(
      (stream, i): Part => ({ stream, state: states[i] as StreamState, bytes: bytes[i] ?? null }),
    );
    const names = [...new Set(states.flatMap(({ groups }) => groups.map(({ name }) => name)))];
    return {
      ...streamView(topic, states, bytes),
      partitions: parts.map(partView),
      groups: await Promise.all(names.map((name) => this.group(name, parts, registered))),
    };
  }

  private async group(name: string, parts: readonly Part[], registered: readonly GroupRegistration[]) {
    const { observations } = this.operations;
    const states = parts.flatMap(({ state }) => state.groups.filter((group) => group.name === name));
    const [consumers, oldest] = await Promise.all([
      Promise.all(
        parts.map(async ({ stream }) =>
          (await observations.consumers(stream, name)).map((one) => ({ ...one, partition: stream.partition })),
        ),
      ),
      Promise.all(parts.map(({ stream }) => observations.pending(stream, name, 1))),
    ]);
    return {
      group: name,
      hop: registered.find(({ group }) => group === name)?.hop ?? null,
      ...workOf(states),
      oldestPendingAt: least(oldest.flat().map(({ id }) => Number(id.split('-')[0]))),
      consumers: consumers.flat(),
    };
  }
}

const partView = ({ stream, state, bytes }: Part) => ({
  partition: stream.partition,
  length: state.length,
  bytes,
  firstId: state.firstId ?? null,
  lastId: state.lastId ?? null,
});
