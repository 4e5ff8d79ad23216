import { _, type Ajv2020, type Code, type CodeKeywordDefinition, type KeywordCxt } from 'ajv/dist/2020.js';
import type { Steps } from './steps.js';

/** About a step for so many characters that are compared or walked over. */
const CHARACTERS = 32;

/** What a keyword does to one value, in steps; what the schemas in it do, they count themselves. */
type Cost = (cxt: KeywordCxt) => Code | number;

const sizeOf = (schema: unknown): number =>
  typeof schema === 'object' && schema !== null ? Object.keys(schema).length : 1;
const textOf = (schema: unknown): number => Math.ceil(JSON.stringify(schema).length / CHARACTERS);

const perItem: Cost = ({ data, schema }) => _`${1 + (Array.isArray(schema) ? schema.length : 0)} + ${data}.length`;
const perMember: Cost = ({ data, schema, keyword }) =>
  _`1 + Object.keys(${data}).length * ${keyword === 'patternProperties' ? 1 + sizeOf(schema) : 1}`;
/** Looks each member up among those that the schema knows. */
const perMemberAndKnown: Cost = ({ data, parentSchema }) =>
  _`1 + Object.keys(${data}).length * ${1 + Math.ceil((sizeOf(parentSchema['properties']) + sizeOf(parentSchema['patternProperties'])) / 8)}`;
const perCharacter: Cost = ({ data }) => _`1 + (${data}.length >> 5)`;
/** `url` is matched in quadratic time where a text is no URL, all others in linear. */
const ofFormat: Cost = ({ data, schema }) =>
  schema === 'url'
    ? _`5 + ${data}.length * ${data}.length / 256`
    : _`5 + (typeof ${data} == "string" ? ${data}.length >> 2 : 0)`;
const ofComparison: Cost = ({ schema }) => 1 + textOf(schema);

const COSTS = new Map<string, Cost>([
  ...['items', 'prefixItems', 'contains', 'unevaluatedItems', 'additionalItems'].map((k) => [k, perItem] as const),
  ...['patternProperties', 'propertyNames', 'minProperties', 'maxProperties'].map((k) => [k, perMember] as const),
  ...['additionalProperties', 'unevaluatedProperties'].map((k) => [k, perMemberAndKnown] as const),
  ...['minLength', 'maxLength'].map((k) => [k, perCharacter] as const),
  ...['const', 'enum'].map((k) => [k, ofComparison] as const),
  ['format', ofFormat],
]);

/** `allOf`, `properties`, `required` and the like: as many as they have. */
const perMemberOfSchema: Cost = ({ schema }) => 1 + sizeOf(schema);

/**
 * Has every keyword of an ajv count its steps before it does anything, in the code that ajv makes of a schema: so a schema that
 * refers to itself twice at each level, or walks over a list for each of a hundred alternatives, is stopped.
 */
export const countKeywords = (ajv: Ajv2020, steps: Steps): void => {
  const spend = (count: number) => steps.spend(count);
  for (const [keyword, rule] of Object.entries(ajv.RULES.all)) {
    if (typeof rule !== 'object' || !('code' in rule.definition)) continue;
    const definition = rule.definition as CodeKeywordDefinition;
    const { code } = definition;
    const cost = COSTS.get(keyword) ?? perMemberOfSchema;
    // This ajv's own copy of the definition: in place, for a keyword that is taken out and added again comes last.
    definition.code = (cxt, ruleType) => {
      cxt.gen.code(_`${cxt.gen.scopeValue('func', { ref: spend })}(${cost(cxt)})`);
      code(cxt, ruleType);
    };
  }
};
