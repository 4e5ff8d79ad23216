import { connect, type Socket } from 'node:net';

/** A connection that says what it is told to, and keeps what it is told. */
export class Raw {
  said = '';
  isOver = false;

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.said += text;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.isOver = true;
    });
  }

  static async to(url: string): Promise<Raw> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await new Promise((resolve) => socket.once('connect', resolve));
    return new Raw(socket);
  }

  say(text: string): void {
    if (this.socket.writable) this.socket.write(text, 'latin1');
  }

  close(): void {
    this.socket.destroy();
  }

  /** Statuses of the answers so far. */
  get statuses(): number[] {
    return [...this.said.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
  }
}
