interface Reporter {
  onRunComplete(contexts: unknown, results: { testResults: unknown[] }): void;
  getLastError(): Error | undefined;
}

const results = (...tests: readonly (readonly [name: string, status?: string])[]) => ({
  testResults: [{ testResults: tests.map(([fullName, status = 'pending']) => ({ fullName, status })) }],
});

const RUN = results(
  ['a topic (needs redis-server) is read'],
  ['a topic (needs redis-server) is trimmed'],
  ['the chart (needs helm) is rendered'],
  ['a dark corner'],
  ['the rest', 'passed'],
);

describe('what is skipped', () => {
  let Reporter: new (config: object, options: { write(text: string): void }) => Reporter;

  beforeAll(async () => {
    ({ default: Reporter } = await import(new URL('../skipped-reporter.mjs', import.meta.url).href));
  });
  beforeEach(() => {
    delete process.env['MILLRACE_TEST_LIST_SKIPPED'];
    delete process.env['MILLRACE_TEST_MAY_SKIP'];
  });

  const reportOf = (run: object, config: object = {}): { lines: string[]; error: string | undefined } => {
    const written: string[] = [];
    const reporter = new Reporter(config, { write: (text) => written.push(text) });
    reporter.onRunComplete([], run as typeof RUN);
    return { lines: written.join('').trim().split('\n'), error: reporter.getLastError()?.message };
  };

  it('is one table of needs, with how to meet them', () => {
    expect(reportOf(RUN).lines).toEqual([
      'Skipped 4 tests:',
      '  tests  need                   to run them',
      '  2      redis-server           install redis-server or valkey-server, or name one in MILLRACE_TEST_REDIS_SERVER',
      '  1      helm                   install helm',
      '  1      no reason in its name  see the test',
      '  MILLRACE_TEST_LIST_SKIPPED=1 lists them by name.',
    ]);
  });

  it('is named on demand', () => {
    process.env['MILLRACE_TEST_LIST_SKIPPED'] = '1';
    expect(reportOf(RUN).lines).toEqual(
      expect.arrayContaining(['  redis-server:', '    a topic (needs redis-server) is trimmed', '    a dark corner']),
    );
  });

  it('is not mentioned where nothing is, or where tests were chosen by name', () => {
    expect(reportOf(results(['the rest', 'passed'])).lines).toEqual(['']);
    expect(reportOf(RUN, { testNamePattern: 'rest' }).lines).toEqual(['']);
  });

  it('fails a run that may not skip it', () => {
    process.env['MILLRACE_TEST_MAY_SKIP'] = 'helm|corner';
    expect(reportOf(RUN).error).toBe('skipped although it may not be: redis-server');
    process.env['MILLRACE_TEST_MAY_SKIP'] = 'helm|corner|redis';
    expect(reportOf(RUN).error).toBeUndefined();
  });
});
