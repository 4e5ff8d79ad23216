import { ADMIN_API, type DescribedOperation, type Json, REFUSED_WITH } from '@millrace/admin-api';
import { RequestRefused } from '@millrace/host';
import { fuzzRuns } from '@millrace/testkit';
import fc from 'fast-check';
import { type Hold, RequestSchemas } from '../../src/contract/request-schemas.js';

const { schemas: named } = ADMIN_API.components;
const schemas = new RequestSchemas(named);

interface Described extends Json {
  readonly $ref?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Described[];
  readonly type?: string;
  readonly pattern?: string;
  readonly items?: Described;
  readonly properties?: Readonly<Record<string, Described>>;
  readonly required?: readonly string[];
}

const resolved = (schema: Described): Described =>
  schema.$ref === undefined
    ? schema
    : { ...named[schema.$ref.split('/').at(-1) as string], ...schema, $ref: undefined };

/** Values that a schema of the contract allows. */
const valid = (given: Described): fc.Arbitrary<unknown> => {
  const schema = resolved(given);
  const {
    minimum = -1e6,
    maximum = 1e6,
    minLength = 0,
    maxLength = 20,
    minItems = 0,
    maxItems = 5,
  } = schema as Record<string, number>;
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(valid));
  if (schema.pattern !== undefined) return fc.stringMatching(new RegExp(schema.pattern));
  const { properties = {}, required = [], items = {} } = schema;
  const members = Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, valid(one)]));
  const kinds: Readonly<Record<string, () => fc.Arbitrary<unknown>>> = {
    string: () => fc.string({ minLength, maxLength: Math.min(maxLength, 50), unit: 'binary' }),
    boolean: () => fc.boolean(),
    integer: () => fc.integer({ min: minimum, max: maximum }),
    number: () => fc.double({ min: minimum, max: maximum, noNaN: true }),
    array: () => fc.array(valid(items), { minLength: minItems, maxLength: Math.min(maxItems, 5) }),
    object: () =>
      schema.properties === undefined
        ? fc.dictionary(fc.string(), fc.jsonValue())
        : fc.record(members, { requiredKeys: [...required] }),
  };
  return (kinds[schema.type ?? ''] ?? (() => fc.jsonValue()))();
};

/** Something that has no part of what a schema allows. */
const wrong = (given: Described): unknown => {
  const { type, anyOf } = resolved(given);
  return anyOf !== undefined || type === 'boolean' ? 5 : type === 'string' ? [] : null;
};

const RUNS = { numRuns: fuzzRuns(50) };

const refusalOf = (hold: Hold, value: unknown) => {
  try {
    hold(value);
  } catch (error) {
    if (error instanceof RequestRefused) return error.problem;
    throw error;
  }
  return undefined;
};

const bodyOf = (operation: DescribedOperation): Described | undefined => {
  const schema = operation.requestBody?.content['application/json']?.schema as Described | undefined;
  return schema && resolved(schema);
};
const operations = Object.values(ADMIN_API.paths).flatMap((methods) => Object.values(methods));
const withBody = operations.filter((one) => bodyOf(one)?.properties !== undefined && schemas.body(one) !== undefined);
const withQuery = operations.filter(({ parameters = [] }) => parameters.some((one) => one.in === 'query'));

it('are there for every operation that has a body, unless who keeps it judges the whole', () => {
  const judged = operations.filter((one) => bodyOf(one) !== undefined && !withBody.includes(one));
  expect(judged.map(({ operationId }) => operationId).sort()).toEqual(
    // The last hands on everything.
    ['changeWebhook', 'putDraft', 'putRoute', 'putWebhook', 'saveSchema', 'publish'].sort(),
  );
});

describe.each(withBody)('a body of $operationId', (operation) => {
  const hold = schemas.body(operation) as Hold;
  const schema = bodyOf(operation) as Described;
  const names = Object.keys(schema.properties ?? {});
  const judged = (name: string) => REFUSED_WITH in (schema.properties?.[name] ?? {});

  it('is taken as the contract has it', () => {
    fc.assert(
      fc.property(valid(schema), (body) => expect(refusalOf(hold, body)).toBeUndefined()),
      RUNS,
    );
  });

  it('is refused for a member that is not as it should be, by the first, which it points to', () => {
    const member = fc.constantFrom(...names.filter((name) => !judged(name)));
    fc.assert(
      fc.property(valid(schema), member, (body, name) => {
        const refused = refusalOf(hold, { ...(body as object), [name]: wrong(schema.properties?.[name] ?? {}) });
        expect(refused).toMatchObject({ status: 400, code: 'bad-request', pointer: `/${name}` });
        expect(refused?.detail).toMatch(new RegExp(`^${name} must be .+, got .+`));
      }),
      RUNS,
    );
  });

  it('is refused for a member that is not known, and one that it needs', () => {
    const needed = schema.required ?? [];
    fc.assert(
      fc.property(valid(schema), (body) => {
        expect(refusalOf(hold, { ...(body as object), 'a/b~c': 1 })).toMatchObject({
          pointer: '/a~1b~0c',
          detail: `unknown member "a/b~c"; expected ${names.join(', ')}`,
        });
        for (const name of needed) {
          const { [name]: _, ...rest } = body as Record<string, unknown>;
          expect(refusalOf(hold, rest)).toMatchObject({ pointer: `/${name}` });
        }
      }),
      RUNS,
    );
  });

  it('has its defaults', () => {
    const required = new Set(schema.required);
    const needed = Object.entries(schema.properties ?? {}).filter(([name]) => required.has(name));
    const [body] = fc.sample(valid({ ...schema, properties: Object.fromEntries(needed) }), 1) as [object];
    const defaults = Object.entries(schema.properties ?? {}).filter(([, one]) => 'default' in one);
    hold(body);
    expect(body).toMatchObject(Object.fromEntries(defaults.map(([name, one]) => [name, one['default']])));
  });
});

describe.each(withQuery)('a query of $operationId', ({ parameters = [] }) => {
  const query = parameters.filter((one) => one.in === 'query');
  const hold = schemas.parameters(query, 'query');
  const properties = Object.fromEntries(query.map(({ name, schema }) => [name, schema as Described]));
  const required = query.filter((one) => one.required === true).map(({ name }) => name);

  it('is taken as the contract has it, and refused for what it does not know, or takes otherwise', () => {
    fc.assert(
      fc.property(
        valid({ type: 'object', properties, required }),
        fc.constantFrom(...query.map(({ name }) => name)),
        (given, name) => {
          expect(refusalOf(hold, { ...(given as object) })).toBeUndefined();
          expect(refusalOf(hold, { ...(given as object), unknwon: '' })).toMatchObject({ pointer: 'unknwon' });
          expect(refusalOf(hold, { ...(given as object), [name]: {} })).toMatchObject({ status: 400, pointer: name });
        },
      ),
      RUNS,
    );
  });
});
