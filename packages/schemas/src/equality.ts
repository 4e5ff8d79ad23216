import { _, type Ajv2020, type CodeKeywordDefinition } from 'ajv/dist/2020.js';

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/**
 * Whether JSON Schema takes two JSON values for equal: members in any order, numbers by their value. Costs no more than the
 * smaller of them has.
 */
export const isSameValue = (a: unknown, b: unknown): boolean => {
  if (a === b) return true;
  if (!isObject(a) || !isObject(b)) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, n) => isSameValue(one, b[n]));
  }
  const members = Object.entries(a);
  if (members.length !== Object.keys(b).length) return false;
  return members.every(
    ([key, value]) => Object.hasOwn(b, key) && isSameValue(value, (b as Record<string, unknown>)[key]),
  );
};

/**
 * Has `const` and `enum` of an ajv compare objects member by member. Its own way asks them for their `valueOf` and `toString`,
 * which may be members of the event: it throws then, or takes different objects for equal.
 */
export const compareByMembers = (ajv: Ajv2020): void => {
  for (const keyword of ['const', 'enum']) {
    const { definition } = ajv.RULES.all[keyword] as { readonly definition: CodeKeywordDefinition };
    const { code } = definition;
    // This ajv's own copy of the definition: in place, for a keyword that is taken out and added again comes last.
    definition.code = (cxt, ruleType) => {
      const values: readonly unknown[] = keyword === 'const' ? [cxt.schema] : (cxt.schema as unknown[]);
      if (!values.some(isObject)) return code(cxt, ruleType);
      const isOne = (data: unknown) => values.some((value) => isSameValue(data, value));
      cxt.pass(_`${cxt.gen.scopeValue('func', { ref: isOne })}(${cxt.data})`);
    };
  }
};
