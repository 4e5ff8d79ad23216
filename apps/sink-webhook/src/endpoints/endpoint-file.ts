import { readFile, stat } from 'node:fs/promises';
import { parse, YAMLParseError } from 'yaml';
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
    return parse(text);
  } catch (error) {
    // The library shows the line that is wrong below its first line, and that line may hold a secret.
    if (error instanceof YAMLParseError) throw new EndpointError(`${file}: ${error.message.split('\n')[0]}`);
    throw error;
  }
};

/** A file of endpoints, and whether it changed since it was read. */
export class EndpointFile {
  private version = '';

  constructor(
    private readonly path: string,
    private readonly variable: VariableReader,
  ) {}

  /** The endpoints if the file changed since the last call, else undefined. Throws an `EndpointError`. */
  async changed(): Promise<Endpoint[] | undefined> {
    try {
      const { mtimeMs, size, ino } = await stat(this.path);
      const version = `${mtimeMs}/${size}/${ino}`;
      if (version === this.version) return undefined;
      const text = await readFile(this.path, 'utf8');
      this.version = version;
      return parseEndpointFile(text, this.path, this.variable);
    } catch (error) {
      if (error instanceof EndpointError) throw error;
      throw new EndpointError(`${this.path}: cannot be read: ${(error as NodeJS.ErrnoException).code ?? error}`);
    }
  }
}
