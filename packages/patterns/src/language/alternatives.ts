import type { Leaf } from './leaf.js';
import { PatternError } from './pattern-error.js';

/** What a pattern says: a leaf, all of several, or any of several. */
export type Formula = Leaf | { readonly all: readonly Formula[] } | { readonly any: readonly Formula[] };

/** Ways through a pattern; all leaves of one have to match. */
export type Alternatives = readonly (readonly Leaf[])[];

const MOST_ALTERNATIVES = 4096;
/** Of all alternatives together. */
const MOST_FIELDS = 65_536;

/** Leaves of one alternative, the last first. What alternatives begin with is there once. */
type Chain = { readonly leaf: Leaf; readonly before: Chain } | undefined;

/**
 * The alternatives of a formula, the leaves of each in the order in which they are written. Throws a `PatternError` before it
 * makes any where they would be too many, or too large together.
 */
export const alternativesOf = (formula: Formula, at: string): Alternatives => {
  const { alternatives, fields } = sizeOf(formula);
  if (alternatives > MOST_ALTERNATIVES || fields > MOST_FIELDS) {
    throw new PatternError(
      at,
      `at most ${MOST_ALTERNATIVES} alternatives, with at most ${MOST_FIELDS} fields in all of them together`,
      `${alternatives} alternatives with ${fields} fields, for each alternative of one is combined with each of the others`,
    );
  }
  return extended([undefined], formula).map(leavesOf);
};

/** How many alternatives a formula has, and how many fields they have together, without making them. */
const sizeOf = (formula: Formula): { readonly alternatives: number; readonly fields: number } => {
  if ('any' in formula) {
    return formula.any.map(sizeOf).reduce((a, b) => ({
      alternatives: a.alternatives + b.alternatives,
      fields: a.fields + b.fields,
    }));
  }
  if (!('all' in formula)) return { alternatives: 1, fields: 1 };
  return formula.all.map(sizeOf).reduce((a, b) => ({
    alternatives: a.alternatives * b.alternatives,
    fields: a.fields * b.alternatives + b.fields * a.alternatives,
  }));
};

const extended = (chains: readonly Chain[], formula: Formula): readonly Chain[] => {
  if ('any' in formula) return formula.any.flatMap((choice) => extended(chains, choice));
  if ('all' in formula) return formula.all.reduce(extended, chains);
  return chains.map((before) => ({ leaf: formula, before }));
};

const leavesOf = (chain: Chain): readonly Leaf[] => {
  const leaves: Leaf[] = [];
  for (let one = chain; one !== undefined; one = one.before) leaves.push(one.leaf);
  return leaves.reverse();
};
