import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy on the loopback address whose connections can be cut and stalled. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private isStalled = false;
  /** While it refuses connections. */
  private lastPort: number | undefined;

  private constructor(
    private readonly server: Server,
    /** Port that new connections go to, as after a failover. */
    public target: number,
  ) {
    server.on('connection', (client: Socket) => this.join(client));
  }

  /** Listens on a free port and passes everything to the target port. */
  static async to(target: number): Promise<TcpProxy> {
    const server = createServer({ noDelay: true });
    const proxy = new TcpProxy(server, target);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get port(): number {
    return this.lastPort ?? (this.server.address() as AddressInfo).port;
  }

  /** Ends every connection as a broken network does. */
  cut(): void {
    for (const socket of this.sockets) {
      // One that is being shut down cannot be reset: libuv says EINVAL, Node loses the handle, and no process that has
      // lost one ever ends by itself.
      if (socket.writableEnded) socket.destroy();
      else socket.resetAndDestroy();
    }
  }

  /** Nothing goes through, in either direction, until `flow`. */
  stall(): void {
    this.isStalled = true;
    for (const socket of this.sockets) socket.pause();
  }

  flow(): void {
    this.isStalled = false;
    for (const socket of this.sockets) socket.resume();
  }

  /** Ends every connection, and refuses new ones until `accept`: nobody is there. */
  async refuse(): Promise<void> {
    this.lastPort = this.port;
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.cut();
    await closed;
  }

  /** Listens again, on the same port. */
  async accept(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.lastPort, '127.0.0.1', resolve);
    });
    this.lastPort = undefined;
  }

  async close(): Promise<void> {
    if (this.lastPort === undefined) await this.refuse();
  }

  private join(client: Socket): void {
    const upstream = connect({ port: this.target, host: '127.0.0.1', noDelay: true });
    this.forward(client, upstream);
    this.forward(upstream, client);
  }

  private forward(from: Socket, to: Socket): void {
    this.sockets.add(from);
    if (this.isStalled) from.pause();
    from.on('data', (chunk) => to.write(chunk));
    from.on('error', () => undefined); // `close` follows, and says all that the other side has to know.
    from.on('close', () => {
      this.sockets.delete(from);
      to.destroy();
    });
  }
}
