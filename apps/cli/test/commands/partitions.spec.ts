import { EXIT } from '../../src/errors.js';
import { READING_KEY, RunningCli } from '../running-cli.js';

let cli: RunningCli;

beforeAll(async () => {
  cli = await RunningCli.start();
});
afterAll(() => cli?.stop());

describe('millrace partitions', () => {
  it('says how many there are, and makes more of them', async () => {
    expect((await cli.run('partitions')).out).toBe('1');
    expect((await cli.run('partitions raise 4 --wait 10s')).out).toMatch(
      /^there are 4 partitions now, 1 before; no events were accepted for \d+ m?s$/,
    );
    expect(await cli.json('partitions')).toEqual({ count: 4, raising: null });
    expect((await cli.run('partitions raise 4')).out).toBe('there are already 4');
  });

  it('says why not', async () => {
    expect(await cli.run('partitions raise 2')).toMatchObject({
      code: EXIT.failed,
      error: expect.stringMatching(/^there are 4 partitions; the partition count cannot decrease/),
    });
    expect(await cli.run('partitions raise 8 --wait soon')).toMatchObject({ code: EXIT.usage });
    expect(await cli.run('partitions raise 8', { env: { MILLRACE_API_KEY: READING_KEY } })).toMatchObject({
      code: EXIT.failed,
      error: 'This API key has the role "read"; this requires "admin"',
    });
  });
});
