import { Operations } from '@millrace/operations';
import { describeOnRealRedis, type RedisServer, startRedis, waitFor } from '@millrace/testkit';
import { type Answer, RunningConsole } from '../running-console.js';
import { ACTS, type Act, type Asked, ELSEWHERE, type Told } from './acts.js';
import { type Operation, operations } from './operations.js';
import { differences, type RedisState, stateOf } from './redis-state.js';
import { Stage } from './stage.js';

const NOBODY: Readonly<Record<string, string>> = { id: '1-1', partition: '0' };

/** What is refused for what it holds. */
const BAD: Told = { status: [400, 422] };

/** One operation over a console of its own. */
class Trial {
  constructor(
    private readonly running: RunningConsole,
    private readonly operation: Operation,
    private readonly act: Act,
  ) {}

  ask({ path = {}, query = '', body }: Asked): Promise<Answer> {
    const filled = this.operation.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(path[name] ?? ''));
    return this.running.ask(this.operation.method, query === '' ? filled : `${filled}?${query}`, body);
  }

  /** Asks what nothing may come of: neither in Redis, nor on record as if something had. */
  async nothing(why: string, asked: Asked, told: Told): Promise<void> {
    const before = await this.look();
    const answer = await this.ask(asked);
    expectTold(why, answer, told);
    expect({ why, ...(await this.since(before)) }).toEqual({ why, changed: [], recorded: 0 });
  }

  /** Asks what is done: what it says has changed, and nothing else, and it is on record once. */
  async does(why: string, asked: Asked, told: Told, isRecorded = true): Promise<void> {
    const before = await this.look();
    const answer = await this.ask(asked);
    expectTold(why, answer, told);
    const { changed, recorded } = await this.since(before);
    const { touches, busy } = this.act;
    expect({ why, beyond: changed.filter((name) => touches?.test(name) !== true) }).toEqual({ why, beyond: [] });
    if (touches === undefined) return expect(recorded).toBe(0);
    if (isRecorded) expect({ why, recorded }).toEqual({ why, recorded: 1 });
    if (busy === undefined) expect({ why, changed: changed.length > 0 }).toEqual({ why, changed: true });
  }

  private async look(): Promise<{ state: RedisState; audit: number }> {
    const { transport } = this.running;
    return { state: await stateOf(transport), audit: (await new Operations(transport).audit.newest(1000)).length };
  }

  private async since(before: Awaited<ReturnType<Trial['look']>>): Promise<{ changed: string[]; recorded: number }> {
    const now = await this.look();
    const { busy } = this.act;
    const changed = differences(before.state, now.state).filter((name) => busy?.test(name) !== true);
    return { changed, recorded: now.audit - before.audit };
  }
}

const expectTold = (why: string, answer: Answer, { status, body }: Told): void => {
  const isTold = [status].flat().includes(answer.status);
  expect({ why, isTold, ...answer }).toMatchObject({ why, isTold: true, ...(body === undefined ? {} : { body }) });
};

const nobody = (path: Asked['path'] = {}): Asked['path'] =>
  Object.fromEntries(Object.keys(path).map((name) => [name, NOBODY[name] ?? 'nobody']));

describeOnRealRedis('an action does what it says, and no more', () => {
  let redis: RedisServer;
  let running: RunningConsole;

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    running = await RunningConsole.start(redis.url);
    const count = () =>
      running.transport.connections.connect('test').hexists(running.transport.keys.control('partitions'), 'count');
    await waitFor(async () => (await count()) === 1, { what: 'the console to have stored the number of partitions' });
  });
  afterEach(() => running.close());

  it('is held against it for every operation that the API has', () => {
    const ids = operations().map(({ id }) => id);
    expect([...Object.keys(ACTS), ...Object.keys(ELSEWHERE)].sort()).toEqual([...ids].sort());
  });

  it.each(operations().filter(({ id }) => id in ACTS))('$id: $method $path', async (operation) => {
    const act = ACTS[operation.id] as Act;
    const trial = new Trial(running, operation, act);
    const stage = new Stage(running);
    const asked = await act.there(stage);
    const { path, body = {} } = asked;

    if (act.absent === undefined) await trial.nothing('absent', { ...asked, path: nobody(path) }, { status: 404 });
    else if (act.absent !== null) await trial.does('absent', { ...asked, path: nobody(path) }, act.absent);
    for (const [more, told] of act.nothing ?? [])
      await trial.nothing(JSON.stringify(more), { ...asked, ...more }, told);

    const query = [asked.query, 'unknwon=1'].filter(Boolean).join('&');
    await trial.nothing('a parameter that is not known', { ...asked, query }, BAD);
    if (act.takesAnyMember === undefined) {
      await trial.nothing('a member that is not known', { ...asked, body: { ...body, unknwon: 1 } }, BAD);
    }
    for (const name of operation.optional.filter((one) => !act.takesNull?.includes(one))) {
      await trial.nothing(`${name} is null`, { ...asked, body: { ...body, [name]: null } }, BAD);
    }

    await trial.does('done', asked, act.done);
    await act.settled?.(stage);
    if (act.again.does) await trial.does('again', asked, act.again);
    else await trial.nothing('again', asked, act.again);
  });
});
