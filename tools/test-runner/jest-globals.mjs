/** What '@jest/globals' is here: for each use that of the spec that runs. */
const live = (name) =>
  new Proxy(() => undefined, {
    apply: (_target, _self, args) => globalThis[name](...args),
    get: (_target, key) => globalThis[name][key],
  });

export const jest = live('jest');
export const expect = live('expect');
export const describe = live('describe');
export const it = live('it');
export const test = live('test');
export const beforeAll = live('beforeAll');
export const beforeEach = live('beforeEach');
export const afterEach = live('afterEach');
export const afterAll = live('afterAll');
