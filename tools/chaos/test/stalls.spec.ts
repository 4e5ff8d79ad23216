import { Stalls, type Standing } from '../src/examine/stalls.js';

const watched = (...standings: readonly Partial<Standing>[]): number | undefined => {
  const stalls = new Stalls();
  for (const [i, standing] of standings.entries()) {
    stalls.note('sink', { at: i * 1000, hasWork: true, isExcused: false, mark: 'same', ...standing });
  }
  return stalls.longest.get('sink')?.ms;
};

describe('a group that stands still', () => {
  it('is timed from when it was last seen to do something', () => {
    expect(watched({ mark: 'before' }, {}, {}, {})).toBe(2000);
  });

  it('is not one that has nothing to do, gets on, or cannot', () => {
    expect(watched({ hasWork: false }, { hasWork: false }, { hasWork: false })).toBeUndefined();
    expect(watched({ mark: 'a' }, { mark: 'b' }, { mark: 'c' })).toBeUndefined();
    expect(watched({ isExcused: true }, { isExcused: true }, { isExcused: true })).toBeUndefined();
  });

  it('is timed from the end of what kept it from work', () => {
    expect(watched({}, { isExcused: true }, { isExcused: true }, {}, {})).toBe(2000);
  });

  it('is remembered by its longest', () => {
    expect(watched({}, {}, {}, { mark: 'on' }, { mark: 'on' })).toBe(2000);
  });
});
