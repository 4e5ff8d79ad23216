import { writeJson } from '@millrace/json';

/** Characters of stored texts that one answer has, but for the last one that it has room for. */
const ANSWER_CHARACTERS = 4 * 1024 * 1024;
/** Characters of stored texts that one request looks through; the next one goes on from there. */
const LOOK_CHARACTERS = 32 * 1024 * 1024;
const MOST_TEXT = 4096;
const MOST_VALUES = 10;
const MOST_VALUE = 100;
const MOST_FIELDS = 1000;
const MOST_FIELDS_CHARACTERS = 256 * 1024;

/** How much of what is stored one answer gives, and looks through for it: events are as large as who publishes them likes. */
export class AnswerBudget {
  private given = 0;
  private looked = 0;

  constructor(private readonly most = ANSWER_CHARACTERS) {}

  look(characters: number): void {
    this.looked += characters;
  }

  give(characters: number): void {
    this.given += characters;
  }

  get isSpent(): boolean {
    return this.given >= this.most || this.looked >= LOOK_CHARACTERS;
  }
}

/** The beginning of a text, and how much there is, where it is longer than so many characters. */
export const shortened = (text: string, most = MOST_TEXT): string =>
  text.length <= most ? text : `${text.slice(0, most)}… (${text.length} characters)`;

/** Values that a test saw: the first ten, each of a hundred characters at most; what is longer as the beginning of its JSON. */
export const shortenedValues = (values: readonly unknown[]): unknown[] =>
  values.slice(0, MOST_VALUES).map((value) => {
    const json = writeJson(value);
    return json === undefined || json.length <= MOST_VALUE ? value : shortened(json, MOST_VALUE);
  });

/** Names and values, flat, of an entry: the first thousand, each as long as it may be, and all of them together. */
export const shortenedFields = (flat: readonly string[], most = MOST_TEXT): string[] => {
  let left = MOST_FIELDS_CHARACTERS;
  return flat.slice(0, MOST_FIELDS).map((text) => {
    const short = shortened(text, Math.max(0, Math.min(left, most)));
    left -= short.length;
    return short;
  });
};
