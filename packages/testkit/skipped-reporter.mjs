/** What lets skipped tests run, by the beginning of what they need. Any other need is a program on the PATH. */
const REMEDIES = {
  'redis-server': 'install redis-server or valkey-server, or name one in MILLRACE_TEST_REDIS_SERVER',
  'the TimeSeries module': 'MILLRACE_TEST_REDIS_MODULE=/path/to/redistimeseries.so',
  'MILLRACE_TEST_DOCKER=1': 'start Docker, then MILLRACE_TEST_DOCKER=1 npm test',
  chromium: 'install Chromium or Chrome, or name one in CHROMIUM_PATH',
  promtool: 'install prometheus, which promtool is a part of',
  script: 'install util-linux, which script is a part of',
  Linux: 'run the tests on Linux',
};

const UNNAMED = 'no reason in its name';

const remedyFor = (need) => {
  if (need === UNNAMED) return 'see the test';
  const known = Object.keys(REMEDIES).find((name) => need.startsWith(name));
  return known === undefined ? `install ${need}` : REMEDIES[known];
};

/** A table of texts, each column as wide as its longest cell. */
const tableOf = (rows) => {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column])).join('  ')}`.trimEnd());
};

/** Names of the skipped tests by what they need, the need of most tests first. */
const skippedByNeed = (testResults) => {
  const skipped = new Map();
  for (const { fullName, status } of testResults.flatMap((file) => file.testResults)) {
    if (status !== 'pending') continue;
    const need = /\(needs ([^)]*)\)/.exec(fullName)?.[1] ?? UNNAMED;
    skipped.set(need, [...(skipped.get(need) ?? []), fullName]);
  }
  return [...skipped].sort(([, some], [, others]) => others.length - some.length);
};

const report = (skipped, withNames) => {
  const total = skipped.reduce((sum, [, names]) => sum + names.length, 0);
  const rows = skipped.map(([need, names]) => [String(names.length), need, remedyFor(need)]);
  const names = skipped.flatMap(([need, of]) => [`  ${need}:`, ...of.map((name) => `    ${name}`)]);
  return [
    `Skipped ${total} ${total === 1 ? 'test' : 'tests'}:`,
    ...tableOf([['tests', 'need', 'to run them'], ...rows]),
    ...(withNames ? names : ['  MILLRACE_TEST_LIST_SKIPPED=1 lists them by name.']),
  ];
};

/**
 * Shows at the end of a run what was skipped, what it needs and how to run it. With MILLRACE_TEST_MAY_SKIP, a pattern, the run
 * fails if anything was skipped whose name does not match it: nothing goes untested unseen. A run of chosen tests (`-t`) reports
 * nothing, since Jest counts all others as skipped.
 */
export default class SkippedReporter {
  #isFiltered;
  #write;
  #error;

  constructor({ testNamePattern }, { write = (text) => process.stderr.write(text) } = {}) {
    this.#isFiltered = Boolean(testNamePattern);
    this.#write = write;
  }

  onRunComplete(_contexts, { testResults }) {
    const skipped = skippedByNeed(testResults);
    if (this.#isFiltered || skipped.length === 0) return;
    const { MILLRACE_TEST_LIST_SKIPPED: withNames, MILLRACE_TEST_MAY_SKIP: allowed } = process.env;
    this.#write(`\n${report(skipped, Boolean(withNames)).join('\n')}\n`);
    if (allowed === undefined) return;
    const may = new RegExp(allowed);
    const wrong = skipped
      .flatMap(([need, names]) => (need === UNNAMED ? names : [need]))
      .filter((name) => !may.test(name));
    if (wrong.length > 0) this.#error = new Error(`skipped although it may not be: ${wrong.join('; ')}`);
  }

  getLastError() {
    return this.#error;
  }
}
