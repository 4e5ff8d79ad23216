import { pointerTo } from '../src/pointer.js';

it.each<[(string | number)[], string]>([
  [[], ''],
  [['filter', 'from'], '/filter/from'],
  [['routes', 1, 'topics'], '/routes/1/topics'],
  [['a/b~c', ''], '/a~1b~0c/'],
])('%j is %s', (members, pointer) => {
  expect(pointerTo(members)).toBe(pointer);
});
