import { parseDuration } from '@millrace/host';
import type { Ignore } from '@millrace/series';

/** The samples to ignore of `10s:0.5`: at most 10 s after the latest and at most 0.5 away; undefined if the text is none. */
export const parseIgnore = (text: string): Ignore | undefined => {
  const [, time = '', value] = /^([^:]+):(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  const timeMs = parseDuration(time);
  return timeMs === undefined ? undefined : { timeMs, value: Number(value) };
};
