import type { Delivery } from '@millrace/streams';
import { BaseRpcContext } from '@nestjs/microservices';

/** What a handler of single events may ask beside the event: `@Ctx() context: StreamContext`. */
export class StreamContext extends BaseRpcContext<[Delivery]> {
  /** The delivery: attempt, stream, position. */
  get delivery(): Delivery {
    return this.args[0];
  }
}
