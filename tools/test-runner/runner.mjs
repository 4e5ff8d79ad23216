import { once } from 'node:events';
import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';
import { MessageChannel } from 'node:worker_threads';
import '../fuzz/fuzz-seed.mjs';

/**
 * A `testRunner` of Jest: its own (jest-circus), but for one thing. A spec is imported by Node itself in place of Jest's module
 * system, so that what it uses of `src`, of `node_modules` and of built packages is loaded once a worker and not once a spec. What
 * is in `test` is still loaded anew for each (typescript-hooks.mjs).
 */
const require = createRequire(import.meta.url);
const { default: runWithCircus } = require('jest-circus/runner');
const { ModernFakeTimers } = require('@jest/fake-timers');
const { ModuleMocker } = require('jest-mock');

const { port1: hooks, port2 } = new MessageChannel();
register('./typescript-hooks.mjs', import.meta.url, { data: port2, transferList: [port2] });
hooks.unref();
process.setSourceMapsEnabled(true);
let specs = 0;

/** Modules in place of others, by their URL; the hooks know which there are. */
const mocks = new Map();
globalThis[Symbol.for('millrace.mocks')] = mocks;

export default async (globalConfig, config, _environment, _runtime, testPath, sendMessageToJest) => {
  const spec = ++specs;
  const before = { ...process.env };
  const mocker = new ModuleMocker(globalThis);
  const timers = new ModernFakeTimers({ config, global: globalThis });
  // The `jest` of '@jest/globals'.
  globalThis.jest = {
    fn: mocker.fn.bind(mocker),
    spyOn: mocker.spyOn.bind(mocker),
    useFakeTimers: () => timers.useFakeTimers(),
    useRealTimers: () => timers.useRealTimers(),
    advanceTimersByTime: (ms) => timers.advanceTimersByTime(ms),
    advanceTimersByTimeAsync: (ms) => timers.advanceTimersByTimeAsync(ms),
    getTimerCount: () => timers.getTimerCount(),
    /** Unlike that of Jest it is to be awaited. */
    unstable_mockModule: async (specifier, factory) => {
      const url = new URL(`${specifier.replace(/\.js$/, '.ts')}?spec=${spec}`, pathToFileURL(testPath)).href;
      const module = await factory();
      mocks.set(url, module);
      hooks.postMessage({ url, names: Object.keys(module) });
      await once(hooks, 'message');
    },
  };
  delete globalThis[Symbol.for('EVENT_HANDLERS')];
  const load = (path) => import(`${pathToFileURL(path).href}?spec=${spec}`);
  const native = {
    // What has been declared so far is in it.
    requireInternalModule: (path) => {
      delete require.cache[path];
      return require(path);
    },
    requireModule: (path) => require(path),
    setGlobalsForRuntime: () => undefined,
    unstable_shouldLoadAsEsm: () => true,
    unstable_importModule: load,
    enterTestCode: () => undefined,
    leaveTestCode: () => undefined,
  };
  try {
    return await runWithCircus(
      globalConfig,
      { ...config, fakeTimers: {} },
      { global: globalThis, fakeTimers: null, fakeTimersModern: null },
      native,
      testPath,
      sendMessageToJest,
    );
  } finally {
    timers.useRealTimers();
    mocker.restoreAllMocks();
    mocks.clear();
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  }
};
