import { PATH } from './event-path.js';

/** Where values stand in an event. */
export interface ValuePath {
  readonly path: string;
  /** Name of the metric; without it, the one that the event names. */
  readonly metric?: string;
  /** Every number in the object at the path is a value, its member's name the metric. */
  readonly isEvery?: boolean;
}

const NAMED = new RegExp(`^(?:([^=,\\s]+)=)?(${PATH})$`);
const EVERY = new RegExp(`^(${PATH})\\.\\*$`);

/** The path of `data.value`, `temperature=data.t` or `data.readings.*`, or undefined if the text is none. */
export const parseValuePath = (text: string): ValuePath | undefined => {
  const [, object] = EVERY.exec(text) ?? [];
  if (object !== undefined) return { path: object, isEvery: true };
  const [, metric, path] = NAMED.exec(text) ?? [];
  if (path === undefined) return undefined;
  return metric === undefined ? { path } : { path, metric };
};

/** Whether the event itself names the metric of the value. */
export const needsMetric = ({ metric, isEvery }: ValuePath): boolean => metric === undefined && !isEvery;
