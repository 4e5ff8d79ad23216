import { parseYaml } from '@millrace/json/yaml';
import { SchemaError, TypeSchemas } from './type-schemas.js';

/** The schemas of a YAML or JSON text: `schemas:` and a list. Throws a `SchemaError`. */
export const parseSchemaFile = (text: string, file: string): TypeSchemas[] => {
  let document: unknown;
  try {
    document = parseYaml(text);
  } catch (error) {
    throw new SchemaError(`${file}: ${(error as Error).message}`);
  }
  const written = (document as { schemas?: unknown } | null)?.schemas;
  if (!Array.isArray(written)) throw new SchemaError(`${file}: a file of schemas has a list under "schemas"`);
  const all = written.map((one, i) => new TypeSchemas(one, `${file}: schemas ${i + 1}`));
  const types = new Set<string>();
  for (const { type, costly } of all) {
    if (costly !== undefined) throw new SchemaError(`${file}: ${costly}`);
    if (types.has(type)) throw new SchemaError(`${file}: there are schemas of "${type}" twice`);
    types.add(type);
  }
  return all;
};
