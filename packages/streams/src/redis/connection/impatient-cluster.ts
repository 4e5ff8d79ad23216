import { Cluster } from 'ioredis';

type Made = ConstructorParameters<typeof Cluster<'legacy'>>;

/**
 * All of a cluster. While no node of it can be reached, ioredis keeps commands for as long as it takes; here they fail
 * when connecting has failed.
 */
export class ImpatientCluster extends Cluster {
  constructor(nodes: Made[0], options: Made[1]) {
    super(nodes, options);
    // Private in its types; nothing else reaches commands that were sent before the nodes went and are put off since.
    this.on('close', () => this['flushQueue'](new Error('Connection is closed.')));
  }
}
