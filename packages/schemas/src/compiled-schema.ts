import { DefinitionError } from '@millrace/definitions';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { isMultiple } from './decimal.js';
import { compareByMembers } from './equality.js';
import { linearRegExp } from './linear-reg-exp.js';
import { countKeywords } from './steps/counted-keywords.js';
import { Steps } from './steps/steps.js';
import { uniqueItems } from './steps/unique-items.js';

const OPTIONS = { strict: false, allowUnionTypes: true } as const;
/** Steps of dividing decimals, which are whole numbers of hundreds of digits. */
const DIVISION_STEPS = 20;
/** Schemas within a schema: making code of one takes about a tenth of a millisecond. */
const MOST_SCHEMAS = 1000;
/** What the smallest events have in `data`. */
const SMALLEST = [null, true, 0, '', [], {}];

/** Knows what a schema is; made once, for the schema of schemas takes as long to compile as a hundred others. */
const schemas = new Ajv2020(OPTIONS);

/** A JSON Schema that is ready to validate. */
export class CompiledSchema {
  private readonly steps = new Steps();
  private readonly compiled: ValidateFunction;

  /** Throws an `Error` for what is no schema, a `DefinitionError` that points to the fault where that is known. */
  constructor(private readonly schema: boolean | object) {
    if (schemas.validateSchema(schema) !== true) {
      const why = `schema is invalid: ${schemas.errorsText(schemas.errors, { dataVar: 'data' })}`;
      throw new DefinitionError('bad-schema', why, { pointer: schemas.errors?.[0]?.instancePath });
    }
    this.compiled = this.ajv().compile(schema);
  }

  /** What is wrong first; undefined where nothing is. Throws `TooManySteps`, and a `RangeError` for what is too deep. */
  errorOf(data: unknown, characters: number): { readonly instancePath: string; readonly message?: string } | undefined {
    this.steps.begin(characters);
    return this.compiled(data) ? undefined : (this.compiled.errors?.[0] ?? { instancePath: '' });
  }

  /** Why it can never be cheap; undefined where it may be. For whoever writes it: what is stored already goes on. */
  get costly(): string | undefined {
    const count = schemasIn(this.schema);
    if (count > MOST_SCHEMAS) return `it has ${count} schemas and values in it; the limit is ${MOST_SCHEMAS}`;
    for (const value of SMALLEST) {
      const why = this.endless(value);
      if (why !== undefined) return `${JSON.stringify(value)} cannot be validated by it: ${why}`;
    }
    return undefined;
  }

  private endless(value: unknown): string | undefined {
    try {
      this.errorOf(value, 0);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** One for each: what its `$id` names is no other's business. */
  private ajv(): Ajv2020 {
    const { steps } = this;
    const ajv = new Ajv2020({
      ...OPTIONS,
      validateSchema: false,
      // Where each reference is a copy, 14 KB of schema become 25 MB of code; optimizing takes three times as long as all else.
      inlineRefs: 16,
      code: { regExp: linearRegExp(steps), optimize: false },
    });
    addFormats.default(ajv);
    compareByMembers(ajv);
    countKeywords(ajv, steps);
    ajv.removeKeyword('uniqueItems').addKeyword(uniqueItems(steps));
    // ajv divides doubles: 19.99 is no multiple of 0.01 there.
    ajv.removeKeyword('multipleOf').addKeyword({
      keyword: 'multipleOf',
      type: 'number',
      schemaType: 'number',
      compile: (divisor: number) => (value: number) => {
        steps.spend(DIVISION_STEPS);
        return isMultiple(value, divisor);
      },
      error: { message: ({ schema }) => `must be multiple of ${schema}` },
    });
    return ajv;
  }
}

const schemasIn = (value: unknown): number => {
  let count = 0;
  const left = [value];
  while (left.length > 0) {
    const one = left.pop();
    if (typeof one !== 'object' || one === null) continue;
    count += 1;
    for (const inner of Object.values(one)) left.push(inner);
  }
  return count;
};
