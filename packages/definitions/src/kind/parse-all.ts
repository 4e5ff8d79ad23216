import { parseYaml } from '@millrace/json/yaml';
import { DefinitionError } from '../errors.js';
import { type Kind, nameOf, type Origin, pluralOf } from './kind.js';

/** Definitions of their written forms, no two of one name. Throws a `DefinitionError`. */
export const parseAll = <D extends object, W extends object>(
  kind: Kind<D, W>,
  written: readonly unknown[],
  originOf: (i: number) => Origin,
  at = '',
): D[] => {
  const all = written.map((one, i) => kind.parse(one, originOf(i)));
  const names = new Set<string>();
  for (const one of all) {
    const name = nameOf(kind, one);
    if (names.has(name)) {
      const which = kind.key === 'name' ? 'named' : `of the ${kind.key}`;
      throw new DefinitionError(kind.code, `${at}there are two ${pluralOf(kind)} ${which} "${name}"`);
    }
    names.add(name);
  }
  return all;
};

/** The definitions of a YAML or JSON text: a list under the name of the kind. Throws a `DefinitionError`. */
export const parseFile = <D extends object, W extends object>(kind: Kind<D, W>, text: string, file: string): D[] => {
  const document = readYaml(kind, text, file);
  const list = (document as Record<string, unknown> | null)?.[kind.name];
  const isAlone = kind.aloneInFile === true && list === undefined && Object(document)[kind.key] !== undefined;
  const written = isAlone ? [document] : list;
  if (!Array.isArray(written)) {
    const or = kind.aloneInFile ? `, or is one ${kind.noun} with its ${kind.key}` : '';
    throw new DefinitionError(kind.code, `${file}: a file of ${pluralOf(kind)} has a list under "${kind.name}"${or}`);
  }
  const originOf = (i: number): Origin => ({ source: file, place: `${kind.noun} ${i + 1}`, from: 'file' });
  const all = parseAll(kind, written, originOf, `${file}: `);
  kind.checkTogether?.(all, file);
  return all;
};

const readYaml = (kind: { readonly code: string }, text: string, file: string): unknown => {
  try {
    return parseYaml(text);
  } catch (error) {
    // Its one line quotes nothing of the file, which may hold secrets.
    if (error instanceof SyntaxError) throw new DefinitionError(kind.code, `${file}: ${error.message}`);
    throw error;
  }
};
