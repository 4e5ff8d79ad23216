import { type DescribedOperation, type DescribedParameter, type Json, REFUSED_WITH } from '@millrace/admin-api';
import { writeJson } from '@millrace/json';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { type Part, refusalOf } from './refusal.js';

/** Throws the 400 of what is not as its schema has it, else puts in what is left out and has a default. */
export type Hold = (value: unknown) => void;

/** The schemas of the contract, as requests are held to them: to the first fault, each compiled when it is first needed. */
export class RequestSchemas {
  private readonly ajv = new Ajv2020({ strict: false, useDefaults: true, verbose: true });
  private readonly compiled = new Map<string, Hold>();

  constructor(private readonly named: Readonly<Record<string, Json>>) {}

  /** Undefined where the body is judged as a whole by who keeps it, and where there is none. */
  body({ requestBody }: DescribedOperation): Hold | undefined {
    const schema = requestBody?.content['application/json']?.schema;
    return schema === undefined || REFUSED_WITH in schema ? undefined : this.compile(schema, 'body');
  }

  parameters(parameters: readonly DescribedParameter[], part: 'path' | 'query'): Hold {
    const required = parameters.filter((one) => one.required === true).map(({ name }) => name);
    const described = parameters.map(({ name, description, schema }) => [name, { description, ...schema }]);
    const properties = Object.fromEntries(described);
    return this.compile({ type: 'object', required, properties, additionalProperties: false }, part);
  }

  /** Many operations take the same. */
  private compile(schema: Json, part: Part): Hold {
    const resolved = this.resolved(schema) as Json;
    const key = writeJson([part, resolved]);
    const hold = this.compiled.get(key) ?? this.holding(resolved, part);
    this.compiled.set(key, hold);
    return hold;
  }

  private holding(schema: Json, part: Part): Hold {
    let validate: ValidateFunction | undefined;
    return (value) => {
      validate ??= this.ajv.compile(schema);
      if (validate(value)) return;
      const error = validate.errors?.at(-1);
      if (error !== undefined) throw refusalOf(error, part);
    };
  }

  /** The same with what it refers to in its place; of what others judge it says no more than whether it is an object. */
  private resolved(part: unknown): unknown {
    if (Array.isArray(part)) return part.map((one) => this.resolved(one));
    if (typeof part !== 'object' || part === null) return part;
    const { $ref, ...rest } = part as { readonly $ref?: string };
    const target = $ref === undefined ? {} : (this.resolved(this.named[$ref.split('/').at(-1) as string]) as object);
    const whole = { ...target, ...rest } as Json;
    if (REFUSED_WITH in whole) return whole['type'] === 'object' ? { type: 'object' } : {};
    return Object.fromEntries(Object.entries(whole).map(([name, value]) => [name, this.resolved(value)]));
  }
}
