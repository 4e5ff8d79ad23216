import { Redis, type RedisOptions } from 'ioredis';
import { tellUnavailable, tellUnavailableOf } from './unavailable.js';

/** A connection to one server, whose commands are rejected with `Unavailable` where that is what their error says. */
export class RedisClient extends Redis {
  constructor(options: Omit<RedisOptions, 'replyMapping'>) {
    super(options as RedisOptions & { replyMapping?: 'legacy' });
    const multi = this.multi.bind(this);
    // Errors of commands inside of a transaction are no rejections.
    this.multi = ((...args: []) => tellUnavailableOf(multi(...args))) as typeof this.multi;
  }

  override sendCommand(...sent: Parameters<Redis['sendCommand']>): unknown {
    tellUnavailable(sent[0]);
    return super.sendCommand(...sent);
  }

  /** While it waits to connect again, ioredis would leave what is queued without an answer. */
  override disconnect(reconnect = false): void {
    if (this.status === 'reconnecting' && !reconnect) this.status = 'wait';
    super.disconnect(reconnect);
  }
}
