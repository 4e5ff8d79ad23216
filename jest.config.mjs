import { availableParallelism } from 'node:os';

/** One run for the whole repository: `npm test`, or `npm test -- packages/streams` for a part. */
export default {
  testMatch: ['<rootDir>/{apps,packages,tools}/*/test/**/*.spec.ts', '<rootDir>/{bench,deploy}/test/**/*.spec.ts'],
  testEnvironment: 'node',
  testRunner: '<rootDir>/tools/test-runner/runner.mjs',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
  reporters: ['default', '<rootDir>/packages/testkit/skipped-reporter.mjs'],
  testTimeout: 30_000,
  testSequencer: '<rootDir>/tools/build/longest-first.mjs',
  // Most tests wait for servers more than they compute: leases, retries, failovers.
  maxWorkers: Math.min(8, availableParallelism() + 1),
};
