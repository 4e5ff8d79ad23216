import { seriesName } from '@millrace/series';
import { PATH } from './event-path.js';

const PLACEHOLDER = new RegExp(`\\{(${PATH})\\}`);

/**
 * How a series is named: `{metric}:{source}:{data.site}`. A placeholder is `metric`, or a path into the event. What is
 * put in place of one is escaped as `seriesName` does, and a `:` stands between any two, so different values never make
 * the same name.
 */
export class SeriesTemplate {
  private constructor(
    private readonly texts: readonly string[],
    /** What the placeholders name, in their order. */
    readonly paths: readonly string[],
  ) {}

  /** The template of a text, or undefined if it is none. */
  static parse(text: string): SeriesTemplate | undefined {
    const parts = text.split(PLACEHOLDER);
    const texts = parts.filter((_, i) => i % 2 === 0);
    const paths = parts.filter((_, i) => i % 2 === 1);
    const isClear = texts.slice(1, -1).every((between) => between.includes(':'));
    if (paths.length === 0 || !isClear || texts.some((one) => /[{}]/.test(one))) return undefined;
    return new SeriesTemplate(texts, paths);
  }

  /** Whether series of one event differ by their metric. */
  get hasMetric(): boolean {
    return this.paths.includes('metric');
  }

  /** The name of a series; `textOf` gives what a placeholder names. */
  name(textOf: (path: string) => string): string {
    return this.texts
      .map((text, i) => (i === 0 ? text : seriesName(textOf(this.paths[i - 1] as string)) + text))
      .join('');
  }

  /** As it was written, for logs. */
  toJSON(): string {
    return this.texts.map((text, i) => (i === 0 ? text : `{${this.paths[i - 1]}}${text}`)).join('');
  }
}
