import { timeOrderedId } from '@millrace/events';
import { backoff, INBOX, partitionOf, pause, sharedAbort, Unavailable } from '@millrace/streams';
import { GateClosed, type RedisTransport } from '@millrace/streams/redis';

/** Events of our own about endpoints: routes send them where somebody looks. */
export class EndpointNotices {
  private readonly stopping = sharedAbort();

  constructor(
    private readonly transport: Pick<RedisTransport, 'partitions' | 'producer'>,
    private readonly hop: string,
  ) {}

  /**
   * Says that an endpoint was switched off. It does so once, so it tries until Redis takes the event, or `stop`. Rejects
   * where it was not sent.
   */
  async off(endpoint: string, notice: object): Promise<void> {
    const type = 'millrace.endpoint.off';
    // Made once: where an answer of Redis was lost it may come twice, with the same id.
    const json = JSON.stringify({
      specversion: '1.0',
      id: timeOrderedId(),
      source: `/millrace/${this.hop}`,
      type,
      subject: endpoint,
      time: new Date().toISOString(),
      data: { endpoint, ...notice },
    });
    const { signal } = this.stopping;
    for (let failures = 0; ; ) {
      try {
        return await this.append(endpoint, { type, json });
      } catch (error) {
        if (!(error instanceof Unavailable) || signal.aborted) throw error;
        if (error instanceof GateClosed) await this.transport.partitions.refused(error);
        await pause(error.retryAfterMs ?? backoff(++failures), signal);
        if (signal.aborted) throw error;
      }
    }
  }

  /** Nothing is tried again from now on. */
  stop(): void {
    this.stopping.abort();
  }

  private async append(endpoint: string, event: { type: string; json: string }): Promise<void> {
    const { partitions, producer } = this.transport;
    await partitions.ready();
    const { count: among } = partitions;
    await producer.append({ name: INBOX, partition: partitionOf(endpoint, among) }, [event], { among });
  }
}
