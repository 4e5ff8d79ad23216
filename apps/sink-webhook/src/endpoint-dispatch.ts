import { Pace } from '@millrace/host';
import { isLarge, StepLimitError } from '@millrace/patterns';
import type { ForwardingSink } from '@millrace/sink';
import { type Delivery, PermanentError, Unavailable } from '@millrace/streams';
import { Inject, Injectable } from '@nestjs/common';
import { Endpoints } from './endpoints/endpoints.js';

/**
 * Sends each event on to the stream of every endpoint that takes its topic, so that endpoints fail alone. An event that
 * no endpoint takes is simply acknowledged: nobody asked for it, and keeping it would hold the topic's memory for ever.
 * So this waits until it is known which endpoints there are: "none" has to be said by Redis, not by its absence.
 */
@Injectable()
export class EndpointDispatch implements ForwardingSink {
  constructor(@Inject(Endpoints) private readonly endpoints: Endpoints) {}

  async streamsOf(topic: string, { event }: Delivery): Promise<readonly string[]> {
    if (!this.endpoints.complete) throw new Unavailable('the endpoints are not loaded yet');
    const { table } = this.endpoints;
    try {
      if (isLarge(event.json)) return await new Pace().through(table.streamsInParts(topic, event));
      return table.streamsOf(topic, event);
    } catch (cause) {
      const what = cause instanceof StepLimitError ? 'matched against the patterns of endpoints' : 'decoded';
      throw new PermanentError(`the event cannot be ${what}: ${(cause as Error).message}`, { cause });
    }
  }
}
