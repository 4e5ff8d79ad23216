import { Cluster, type Redis } from 'ioredis';
import { tellUnavailable, tellUnavailableOf } from './unavailable.js';

type Made = ConstructorParameters<typeof Cluster<'legacy'>>;

/**
 * All of a cluster; its commands are rejected with `Unavailable` where that is what their error says. While no node can be
 * reached, ioredis keeps commands for as long as it is to try again, and rejects them when it is not: so it is not to, and this
 * connects again by itself. Until then commands fail at once.
 */
export class ImpatientCluster extends Cluster {
  private failures = 0;
  private again: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(
    nodes: Made[0],
    options: Made[1],
    /** How long to wait after so many failures in a row, in milliseconds. */
    retryMs: (failures: number) => number,
  ) {
    super(nodes, { ...options, clusterRetryStrategy: () => null });
    this.on('ready', () => {
      this.failures = 0;
    });
    this.on('end', () => {
      if (this.isClosed) return;
      this.failures += 1;
      this.again = setTimeout(() => this.connect().catch(() => undefined), retryMs(this.failures));
    });
    this.on('+node', ignoreFailedAsking);
    const { pipeline, multi } = this;
    this.pipeline = (...args) => tellUnavailableOf(pipeline.apply(this, args));
    this.multi = ((...args: []) => tellUnavailableOf(multi.apply(this, args))) as typeof this.multi;
  }

  /** Those of pipelines are left alone: ioredis looks at their errors to send them to another node. */
  override sendCommand(...sent: Parameters<Cluster['sendCommand']>): unknown {
    const [command, , node] = sent;
    if (node === undefined) tellUnavailable(command);
    return super.sendCommand(...sent);
  }

  override disconnect(reconnect = false): void {
    if (!reconnect) {
      this.isClosed = true;
      clearTimeout(this.again);
    }
    // It waits to connect again, and has nothing to disconnect.
    if (this.status !== 'end') super.disconnect(reconnect);
  }
}

/**
 * ioredis asks a node that a slot moves to before it sends the command there, and lets nobody know of the answer: where the
 * connection is closed meanwhile, the rejection would end the process. The command is rejected all the same.
 */
const ignoreFailedAsking = (node: Redis): void => {
  const asking = node.asking.bind(node);
  node.asking = () => {
    const asked = asking();
    asked.catch(() => undefined);
    return asked;
  };
};
