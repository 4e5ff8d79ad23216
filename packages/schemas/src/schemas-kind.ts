import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Kind, Origin } from '@millrace/definitions';
import { CompiledSchema } from './compiled-schema.js';
import { SchemaError, TypeSchemas, type WrittenSchemas } from './type-schemas.js';

/** Schemas by event type: gateways follow them. */
export const SCHEMAS: Kind<TypeSchemas, WrittenSchemas> = {
  name: 'schemas',
  noun: 'schema',
  key: 'type',
  code: 'bad-schema',
  file: 'SCHEMAS_FILE',
  keepsLast: true,
  rollsBack: true,
  parse: (written, origin, before) => notCostly(new TypeSchemas(written, whereOf(origin), compiler(before)), origin),
  parseInTurns: async (written, origin, before) => {
    const compile = compiler(before);
    const compiled = new Map<unknown, CompiledSchema>();
    for (const schema of Object.values(Object((written as Partial<WrittenSchemas>).versions))) {
      await nextTurn();
      try {
        compiled.set(schema, compile(schema as object));
      } catch {
        // Whoever makes the type's is told why.
      }
    }
    const compiledOf = (schema: boolean | object) => compiled.get(schema) ?? compile(schema);
    return notCostly(new TypeSchemas(written, whereOf(origin), compiledOf), origin);
  },
  blank: () => ({ mode: 'warn', versions: {} }),
};

const whereOf = ({ source, place }: Origin): string => `${source}: ${place}`;

/** What did not change since `before` is compiled already. */
const compiler =
  (before: TypeSchemas | undefined) =>
  (schema: boolean | object): CompiledSchema =>
    before?.compiledOf(schema) ?? new CompiledSchema(schema);

/** One that is stored already goes on, whatever it costs. */
const notCostly = (schemas: TypeSchemas, { source, from }: Origin): TypeSchemas => {
  if (from !== 'Redis' && schemas.costly !== undefined) throw new SchemaError(`${source}: ${schemas.costly}`);
  return schemas;
};
