import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { TcpProxy, waitFor } from '../src/index.js';

describe('a TCP proxy', () => {
  let echo: Server;
  let proxy: TcpProxy;
  let client: Socket;
  let received = '';

  beforeEach(async () => {
    echo = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.pipe(socket);
    }).listen(0, '127.0.0.1');
    await once(echo, 'listening');
    proxy = await TcpProxy.to((echo.address() as AddressInfo).port);
    received = '';
    client = connect(proxy.port, '127.0.0.1');
    client.on('data', (data) => {
      received += data.toString();
    });
    client.on('error', () => undefined);
    await once(client, 'connect');
  });
  afterEach(async () => {
    client.destroy();
    await proxy.close();
    echo.close();
  });

  it('passes everything on', async () => {
    client.write('hello');
    await waitFor(() => received === 'hello', { what: 'the echo' });
  });

  it('holds everything while it is stalled, also on new connections', async () => {
    client.write('a');
    await waitFor(() => received === 'a', { what: 'the first echo' });
    proxy.stall();
    client.write('b');
    const late = connect(proxy.port, '127.0.0.1');
    await once(late, 'connect');
    late.write('c');
    // What is written to the echo's own port comes back meanwhile, and nothing through the proxy.
    const direct = connect((echo.address() as AddressInfo).port, '127.0.0.1');
    direct.write('d');
    await once(direct, 'data');
    expect(received).toBe('a');
    proxy.flow();
    await waitFor(() => received === 'ab', { what: 'what was held' });
    const [data] = await once(late, 'data');
    expect(String(data)).toBe('c');
    late.destroy();
    direct.destroy();
  });

  it('leaves no connection behind that ends while it is cut', async () => {
    const connections = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
    // Whoever ends the one and writes to the other has both read in one turn of the loop: the end, and then the cut.
    const scissors = createServer((socket) => socket.on('data', () => proxy.cut())).listen(0, '127.0.0.1');
    await once(scissors, 'listening');
    const other = connect((scissors.address() as AddressInfo).port, '127.0.0.1');
    await once(other, 'connect');
    client.write('a');
    await waitFor(() => received === 'a', { what: 'the echo' });
    const before = connections();
    client.destroy();
    other.write('now');
    // The client's own, the proxy's two, and the echo's.
    await waitFor(() => connections() === before - 4, { what: 'every connection to be gone' });
    other.destroy();
    scissors.close();
  });

  it('cuts connections, and takes new ones', async () => {
    const closed = new Promise((resolve) => client.once('close', resolve));
    proxy.cut();
    await closed;
    const next = connect(proxy.port, '127.0.0.1');
    next.write('again');
    const [data] = await once(next, 'data');
    expect(String(data)).toBe('again');
    next.destroy();
  });
});
