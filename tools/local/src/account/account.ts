import type { Answers } from '../feed/sender.js';

/** One topic: how many events of the run should be in it, are in it, and are rows of Postgres. */
export interface TopicAccount {
  readonly topic: string;
  readonly expected: number;
  readonly routed: number;
  readonly rows: number;
}

/** Something that was expected in a number and is there in a number. */
export interface Tally {
  readonly expected: number;
  readonly found: number;
}

/** Where every event of a run is. */
export interface Account {
  readonly run: string;
  readonly answers: Readonly<Answers> & { readonly expectedDuplicates: number };
  readonly topics: readonly TopicAccount[];
  /** Different webhooks whose signature the receiver verified. */
  readonly webhooks: Tally & { readonly invalid: number };
  readonly samples: Tally;
  readonly rollups: Tally;
  readonly deadLetters: number;
}

/** What does not add up, a sentence each; nothing if all does. */
export const discrepancies = (account: Account): string[] => {
  const { answers, topics, webhooks, samples, rollups, deadLetters } = account;
  const { sent, accepted, duplicates, rejected, expectedDuplicates } = answers;
  const unequal = (what: string, found: number, expected: number): string[] =>
    found === expected ? [] : [`${what}: ${found}, expected ${expected}`];
  return [
    ...unequal('answered', accepted + duplicates + rejected, sent),
    ...unequal('duplicates', duplicates, expectedDuplicates),
    ...unequal('rejected', rejected, 0),
    ...topics.flatMap(({ topic, expected, routed, rows }) => [
      ...unequal(`routed to ${topic}`, routed, expected),
      ...unequal(`rows of ${topic}`, rows, expected),
    ]),
    ...unequal('webhooks verified', webhooks.found, webhooks.expected),
    ...unequal('webhooks with a bad signature', webhooks.invalid, 0),
    ...unequal('samples', samples.found, samples.expected),
    ...unequal('points of rollups', rollups.found, rollups.expected),
    ...unequal('dead letters', deadLetters, 0),
  ];
};
