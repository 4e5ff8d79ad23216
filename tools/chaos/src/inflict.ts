import { setTimeout as pause } from 'node:timers/promises';
import { RedisTransport } from '@millrace/streams/redis';
import type { Fault, ServiceName } from './schedule.js';
import type { Stack } from './stack.js';

/** Does to the stack what a schedule says. Faults of one target wait for each other; those of different ones overlap. */
export class Inflictor {
  private readonly busy = new Map<string, Promise<void>>();

  constructor(private readonly stack: Stack) {}

  /** Resolves when the fault is over. */
  inflict(fault: Fault): Promise<void> {
    const before = this.busy.get(fault.target) ?? Promise.resolve();
    const done = before.then(() => this.now(fault));
    this.busy.set(fault.target, done);
    return done;
  }

  /** Resolves when no fault is under way. */
  async over(): Promise<void> {
    await Promise.all(this.busy.values());
  }

  private async now(fault: Fault): Promise<void> {
    switch (fault.target) {
      case 'redis':
        return fault.kind === 'kill' ? this.killRedis(fault.ms) : this.fillRedis(fault.ms);
      case 'postgres':
        return this.postgres(fault);
      case 'receiver':
        return this.receiver(fault.kind, fault.ms);
      default:
        return this.service(fault);
    }
  }

  private async killRedis(ms: number): Promise<void> {
    await this.stack.redis.kill();
    await pause(ms);
    await this.stack.redis.restart();
  }

  private async fillRedis(ms: number): Promise<void> {
    const transport = new RedisTransport({ url: this.stack.redis.url });
    const redis = transport.connect('fill');
    const memory = await transport.memory();
    await redis.config('SET', 'maxmemory', String(memory?.used ?? 1));
    await pause(ms);
    await redis.config('SET', 'maxmemory', '0');
    await transport.close();
  }

  private async postgres(fault: Extract<Fault, { target: 'postgres' }>): Promise<void> {
    const { postgres, postgresProxy } = this.stack;
    if (fault.kind === 'cut') return postgresProxy.cut();
    if (fault.kind === 'stall') {
      postgresProxy.stall();
      await pause(fault.ms);
      return postgresProxy.flow();
    }
    await postgres.kill();
    await pause(fault.ms);
    await postgres.restart();
  }

  private async receiver(mood: 'slow' | 'fail', ms: number): Promise<void> {
    this.stack.deliveries.be(mood);
    await pause(ms);
    this.stack.deliveries.be('well');
  }

  private async service(fault: Extract<Fault, { target: ServiceName }>): Promise<void> {
    const worker = this.stack.worker(fault.target);
    const proxy = this.stack.proxies.get(fault.target);
    switch (fault.kind) {
      case 'kill':
        return worker.kill();
      case 'terminate':
        return worker.terminate();
      case 'cut':
        return proxy?.cut();
      case 'pause':
        worker.pause();
        await pause(fault.ms);
        return worker.resume();
      case 'stall':
        proxy?.stall();
        await pause(fault.ms);
        return proxy?.flow();
    }
  }
}
