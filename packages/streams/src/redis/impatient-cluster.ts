import { Cluster, type Command } from 'ioredis';

type Made = ConstructorParameters<typeof Cluster<'legacy'>>;
type Sent = Parameters<Cluster['sendCommand']>;

/**
 * All of a cluster. While no node of it can be reached, ioredis keeps commands for as long as it takes; here they fail
 * when connecting has failed.
 */
export class ImpatientCluster extends Cluster {
  private readonly waiting = new Set<Command>();

  constructor(nodes: Made[0], options: Made[1]) {
    super(nodes, options);
    this.on('close', () => {
      for (const command of this.waiting) command.reject(new Error('Connection is closed.'));
    });
  }

  override sendCommand(command: Sent[0], stream?: Sent[1], node?: Sent[2]): unknown {
    if (this.status === 'ready') return command.isSettled ? command.promise : super.sendCommand(command, stream, node);
    const sent = super.sendCommand(command, stream, node);
    if (command.name === 'cluster') return sent; // It is how the cluster is connected to.
    this.waiting.add(command);
    const done = () => this.waiting.delete(command);
    command.promise.then(done, done);
    return sent;
  }
}
