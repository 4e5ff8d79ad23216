import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseJson } from '@millrace/json';
import { DefinitionError } from '../errors.js';
import type { Versioned } from '../versions/versioned-hash.js';
import { called, type Kind, type Naming, type Origin } from './kind.js';

/** A definition, and the text that it was parsed from. */
export interface Parsed<D> {
  readonly text: string;
  readonly definition: D;
}

/** What is stored and cannot be used. */
export interface Invalid {
  readonly name: string;
  readonly error: DefinitionError;
}

/** What a stored text says, under the name that it has in Redis. Written by hand it may be anything. */
export const writtenIn = <W extends object>(
  kind: Naming & Pick<Kind<never, W>, 'blank'>,
  name: string,
  text: string,
): W => ({ ...(objectIn(text) ?? kind.blank?.(text)), [kind.key]: name }) as W;

const objectIn = (text: string): object | undefined => {
  try {
    const value = parseJson(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

/** Parses what is not as it was `before`, each in a turn of its own. */
export const parseStored = async <D extends object, W extends object>(
  kind: Kind<D, W>,
  { values }: Versioned,
  before: ReadonlyMap<string, Parsed<D>>,
): Promise<{ parsed: ReadonlyMap<string, Parsed<D>>; invalid: readonly Invalid[] }> => {
  const parsed = new Map<string, Parsed<D>>();
  const invalid: Invalid[] = [];
  for (const [name, text] of values) {
    const known = before.get(name);
    try {
      const definition = known?.text === text ? known.definition : await parseOne(kind, name, text, known?.definition);
      parsed.set(name, { text, definition });
    } catch (error) {
      invalid.push({ name, error: asDefinitionError(kind, name, error) });
    }
  }
  return { parsed, invalid };
};

const parseOne = async <D extends object, W extends object>(
  kind: Kind<D, W>,
  name: string,
  text: string,
  before: D | undefined,
): Promise<D> => {
  const origin: Origin = { source: 'Redis', place: called(kind, name), from: 'Redis' };
  const written = readJson(kind, text, origin);
  const named = isObject(written) ? { ...written, [kind.key]: name } : written;
  await nextTurn();
  return kind.parseInTurns?.(named, origin, before) ?? kind.parse(named, origin, before);
};

const readJson = ({ code }: { readonly code: string }, text: string, { source, place }: Origin): unknown => {
  try {
    return parseJson(text);
  } catch {
    // The parser's own message shows a part of the text.
    throw new DefinitionError(code, `${source}: ${place}: not JSON`);
  }
};

/** What is stored by hand may be anything, so that nobody foresaw it; its message may show a part of it. */
const asDefinitionError = (kind: Naming & { readonly code: string }, name: string, cause: unknown): DefinitionError =>
  cause instanceof DefinitionError
    ? cause
    : new DefinitionError(kind.code, `Redis: ${called(kind, name)} cannot be read (${(cause as Error).name})`, {
        cause,
      });

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
