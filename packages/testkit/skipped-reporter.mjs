/**
 * Names at the end of a run what was skipped and what it needs. With MILLRACE_TEST_MAY_SKIP, a pattern, the run fails if
 * anything was skipped that does not match it: nothing goes untested unseen.
 */
export default class SkippedReporter {
  #error;

  onRunComplete(_contexts, { testResults }) {
    const needs = new Map();
    for (const { fullName, status } of testResults.flatMap((file) => file.testResults)) {
      if (status !== 'pending') continue;
      const need = /\((needs [^)]*)\)/.exec(fullName)?.[1] ?? fullName;
      needs.set(need, (needs.get(need) ?? 0) + 1);
    }
    for (const [need, count] of needs)
      process.stderr.write(`skipped: ${count} ${count === 1 ? 'test' : 'tests'}: ${need}\n`);
    const allowed = process.env.MILLRACE_TEST_MAY_SKIP;
    if (allowed === undefined || process.argv.some((arg) => arg.startsWith('-t'))) return;
    const wrong = [...needs.keys()].filter((need) => !new RegExp(allowed).test(need));
    if (wrong.length > 0) this.#error = new Error(`skipped although it may not be: ${wrong.join('; ')}`);
  }

  getLastError() {
    return this.#error;
  }
}
