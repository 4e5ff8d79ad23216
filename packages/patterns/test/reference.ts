import { type JsonNode, parseNode } from '@millrace/json';

/**
 * The language as plainly as it can be said, and as slowly: every alternative is written out, every choice of values is tried.
 * It shares nothing with what it checks but the reading of JSON, and knows the operators that are generated.
 */
export const matchesPlainly = (pattern: string, event: object): boolean => {
  const values = flatten(event);
  return alternativesOf(parseNode(pattern)).some((leaves) => {
    const sorted = [...leaves].sort(([a], [b]) => (a < b ? -1 : 1));
    return tryLeaf(sorted, values, new Map());
  });
};

type Leaves = ReadonlyMap<string, readonly JsonNode[]>;
type Elements = ReadonlyMap<unknown, number>;
interface Value {
  readonly path: string;
  readonly value: unknown;
  readonly elements: Elements;
}

const alternativesOf = (node: JsonNode, prefix = '', before: readonly Leaves[] = [new Map()]): readonly Leaves[] =>
  (node.kind === 'object' ? node.members : []).reduce<readonly Leaves[]>((all, { key, node: inner }) => {
    if (key === '$or' && inner.kind === 'array')
      return inner.elements.flatMap((one) => alternativesOf(one, prefix, all));
    if (inner.kind !== 'array') return alternativesOf(inner, `${prefix}${key}.`, all);
    return all.map((leaves) => new Map(leaves).set(`${prefix}${key}`, inner.elements));
  }, before);

const flatten = (value: unknown, path = '', elements: Elements = new Map()): Value[] => {
  if (Array.isArray(value)) {
    return value.flatMap((one: unknown, i) =>
      flatten(one, path, typeof one === 'object' && one !== null ? new Map(elements).set(value, i) : elements),
    );
  }
  if (typeof value !== 'object' || value === null) return [{ path, value, elements }];
  return Object.entries(value).flatMap(([key, one]) => flatten(one, path === '' ? key : `${path}.${key}`, elements));
};

const tryLeaf = (
  leaves: readonly (readonly [string, readonly JsonNode[]])[],
  values: readonly Value[],
  chosen: Elements,
): boolean => {
  const [first, ...rest] = leaves;
  if (first === undefined) return true;
  const [path, accepted] = first;
  const there = values.filter((one) => one.path === path && agree(one.elements, chosen));
  if (there.length === 0 && accepted.some((one) => operatorOf(one)?.value === false)) {
    if (tryLeaf(rest, values, chosen)) return true;
  }
  return there.some(
    ({ value, elements }) =>
      accepted.some((one) => accepts(one, value)) && tryLeaf(rest, values, new Map([...chosen, ...elements])),
  );
};

const agree = (elements: Elements, chosen: Elements): boolean =>
  [...elements].every(([array, i]) => (chosen.get(array) ?? i) === i);

const plain = (node: JsonNode): unknown => {
  if (node.kind === 'array') return node.elements.map(plain);
  if (node.kind === 'number') return Number(node.text);
  return node.kind === 'object'
    ? Object.fromEntries(node.members.map(({ key, node: one }) => [key, plain(one)]))
    : node.value;
};

const operatorOf = (node: JsonNode): { name: string; value: unknown } | undefined => {
  const [member] = node.kind === 'object' ? node.members : [];
  return member === undefined ? undefined : { name: member.key, value: plain(member.node) };
};

const accepts = (node: JsonNode, value: unknown): boolean => {
  const { name, value: given } = operatorOf(node) ?? { name: '', value: plain(node) };
  switch (name) {
    case '':
      return given === value;
    case 'exists':
      return given === true;
    case 'prefix':
      return typeof value === 'string' && value.startsWith(given as string);
    case 'wildcard':
      return typeof value === 'string' && value.endsWith((given as string).slice(1));
    case 'anything-but':
      return !(given as unknown[]).includes(value);
    default:
      return typeof value === 'number' && value > ((given as unknown[])[1] as number);
  }
};
