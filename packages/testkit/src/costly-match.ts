/** The path of four arrays: a key may be one step of it, or several with dots, so each field below it may be in any of them. */
const STEPS = ['p', 'q', 'r', 's'];
const ELEMENTS = 40;
const FIELDS = Array.from({ length: 12 }, (_, n) => `f${n}`);

/**
 * A pattern and the data of an event of 4 KB that take fifty times the steps that they may: which elements of the arrays have
 * all fields together, which none have, is found by trying them.
 */
export const costlyMatch = (): { readonly pattern: object; readonly data: object } => ({
  pattern: { data: { p: { q: { r: { s: Object.fromEntries(FIELDS.map((name) => [name, [1]])) } } } } },
  data: Object.fromEntries(STEPS.map((_, n) => [STEPS.slice(0, n + 1).join('.'), arrayAt(n + 1)])),
});

const arrayAt = (depth: number): object[] => {
  const rest = STEPS.slice(depth).map((step) => `${step}.`);
  return Array.from({ length: ELEMENTS }, (_, i) => {
    const names = FIELDS.filter((_name, n) => (i * 7 + n * 3 + 2 * depth - 1) % 5 === 0);
    return Object.fromEntries(names.map((name) => [`${rest.join('')}${name}`, 1]));
  });
};
