import { availableParallelism } from 'node:os';

/** One run for the whole repository: `npm test`, or `npm test -- packages/streams` for a part. */
export default {
  testMatch: ['<rootDir>/{apps,packages,tools}/*/test/**/*.spec.ts', '<rootDir>/{bench,deploy}/test/**/*.spec.ts'],
  testEnvironment: 'node',
  testRunner: '<rootDir>/tools/test-runner/runner.mjs',
  // TypeScript is compiled where Node imports it.
  transform: {},
  reporters: ['default', '<rootDir>/packages/testkit/skipped-reporter.mjs'],
  // For what hangs: a shorter one is a test of the machine.
  testTimeout: 120_000,
  testSequencer: '<rootDir>/tools/test-runner/longest-first.mjs',
  // Most tests wait for servers more than they compute: leases, retries, failovers.
  maxWorkers: Math.min(8, availableParallelism() + 1),
};
