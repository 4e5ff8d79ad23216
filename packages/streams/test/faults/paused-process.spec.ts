import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Delivery, deadStream, type Outcome } from '@millrace/streams';
import { RedisTransport } from '@millrace/streams/redis';
import { describeOnRealRedis, type RedisServer, startRedis } from '@millrace/testkit';
import { hold } from '../../src/testing/take.js';

const IN = { name: 'in', partition: 0 };
const CLAIM_AFTER_MS = 500;
const EVENTS = 5;
const program = fileURLToPath(new URL('../fixtures/holding-consumer.mjs', import.meta.url));

/** A consumer in another process, which says what it does. */
class OtherProcess {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor(url: string) {
    this.child = spawn(process.execPath, [program, url, String(CLAIM_AFTER_MS)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.lines = createInterface({ input: this.child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  async says(): Promise<string> {
    return (await this.lines.next()).value as string;
  }

  tell(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }
}

describeOnRealRedis('a process that is paused past its claim', () => {
  let server: RedisServer;
  let transport: RedisTransport;
  let other: OtherProcess;

  beforeEach(async () => {
    server = await startRedis();
    transport = new RedisTransport({ url: server.url });
    const events = Array.from({ length: EVENTS }, (_, n) => ({ type: 'test', json: `{"id":"${n}"}` }));
    await transport.producer.append(IN, events);
    other = new OtherProcess(server.url);
    expect(await other.says()).toBe('holding');
    other.signal('SIGSTOP');
  });
  afterEach(async () => {
    other.signal('SIGKILL');
    await transport.close();
    await server.stop();
  });

  const claim = () =>
    hold(transport.consumer({ group: 'g', streams: () => ['in'], partition: 0, claimAfterMs: CLAIM_AFTER_MS }));
  const forward = ({ event }: Delivery): Outcome => ({ kind: 'forward', to: [{ to: 'topic:t', event }] });
  const lengthOf = async (name: string): Promise<number> =>
    (await transport.reader.range({ name, partition: 0 }, '-', '+', 100)).length;
  /** Wakes it up, tells it the outcome, and gives how many were stale, parked and dead. */
  const wake = async (outcome: string): Promise<number[]> => {
    other.signal('SIGCONT');
    other.tell(outcome);
    return JSON.parse(await other.says()) as number[];
  };

  // Protected by the fence `group` in `settle`: an XADD before the XACK would leave ten.
  it('forwards nothing that another has forwarded', async () => {
    const { batch, letGo } = await claim();
    await batch.settle(forward);
    expect(await wake('forward')).toEqual([EVENTS, 0, 0]);
    expect(await lengthOf('topic:t')).toBe(EVENTS);
    await letGo();
  });

  // Protected by the fence `owner` in `settle`: with `group` alone these would be dead letters of what is in good hands.
  it.each(['reject', 'retry'])('has no say any more where it would %s', async (outcome) => {
    const { batch, letGo } = await claim();
    expect(await wake(outcome)).toEqual([EVENTS, 0, 0]);
    expect(await lengthOf(deadStream('g'))).toBe(0);
    expect((await batch.settle(forward)).stale).toEqual([]);
    expect(await lengthOf('topic:t')).toBe(EVENTS);
    await letGo();
  });

  it('counts no attempt: what fails next has failed once', async () => {
    const { batch, letGo } = await claim();
    expect(await wake('retry')).toEqual([EVENTS, 0, 0]);
    // The hand-over itself counts, for nobody knows whether a silent process is asleep or dead.
    expect(batch.deliveries.map(({ attempt }) => attempt)).toEqual(Array(EVENTS).fill(2));
    expect(batch.deliveries.every(({ firstFailedAt }) => firstFailedAt === undefined)).toBe(true);
    await batch.settle(forward);
    await letGo();
  });

  it('that settles first, before anybody claims, has done its work', async () => {
    expect(await wake('forward')).toEqual([0, 0, 0]);
    expect(await lengthOf('topic:t')).toBe(EVENTS);
  });
});
