import { parseYaml } from '@millrace/json/yaml';
import { type Endpoint, EndpointError } from './endpoint.js';
import { parseEndpoint } from './parse-endpoint.js';
import type { VariableReader } from './parse-keys.js';

/** The endpoints of a YAML text: `endpoints:` and a list. Throws an `EndpointError`. */
export const parseEndpointFile = (text: string, file: string, variable: VariableReader): Endpoint[] => {
  const written = (readYaml(text, file) as { endpoints?: unknown } | null)?.endpoints;
  if (!Array.isArray(written)) throw new EndpointError(`${file}: a file of endpoints has a list under "endpoints"`);
  const endpoints = written.map((one, i) => parseEndpoint(one, { source: file, place: `endpoint ${i + 1}`, variable }));
  const names = new Set<string>();
  for (const { name } of endpoints) {
    if (names.has(name)) throw new EndpointError(`${file}: there are two endpoints named "${name}"`);
    names.add(name);
  }
  return endpoints;
};

const readYaml = (text: string, file: string): unknown => {
  try {
    return parseYaml(text);
  } catch (error) {
    // Its one line quotes nothing of the file, which may hold secrets.
    if (error instanceof SyntaxError) throw new EndpointError(`${file}: ${error.message}`);
    throw error;
  }
};
