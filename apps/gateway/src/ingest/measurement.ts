import type { Measurement } from '@millrace/admin-api';
import { timestampMs } from '@millrace/events';

const LONGEST_NAME = 256;

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME;

const isTime = (value: unknown): value is string => typeof value === 'string' && (timestampMs(value) ?? -1) >= 0;

/** A value for a message, short. Never walks a deep one. */
export const show = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(value).slice(0, 60);
};

/** What is wrong with what should be a measurement: one sentence, or undefined if nothing is. */
export const flawOf = (value: unknown): string | undefined => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return `The body must be an object with source, metric, value and optionally occurredAt, got ${show(value)}`;
  }
  const { source, metric, value: reading, occurredAt } = value as Record<string, unknown>;
  const name = `a string of 1 to ${LONGEST_NAME} characters`;
  if (!isName(source)) return `source must be ${name}, got ${show(source)}`;
  if (!isName(metric)) return `metric must be ${name}, got ${show(metric)}`;
  if (typeof reading !== 'number' || !Number.isFinite(reading)) return `value must be a number, got ${show(reading)}`;
  if (occurredAt !== undefined && !isTime(occurredAt))
    return `occurredAt must be an RFC 3339 time, got ${show(occurredAt)}`;
  return undefined;
};

/** The fields of a stream entry. */
export const toFields = ({ source, metric, value, occurredAt }: Measurement): string[] => [
  'source',
  source,
  'metric',
  metric,
  'value',
  String(value),
  'occurredAt',
  occurredAt,
];

/** What a stream entry holds, which may be anything: others may write there too. */
export const fromFields = (fields: readonly string[]): Record<string, unknown> => {
  const record: Record<string, unknown> = {};
  for (let i = 0; i + 1 < fields.length; i += 2) record[fields[i] as string] = fields[i + 1];
  if (typeof record.value === 'string' && record.value.trim() !== '') record.value = Number(record.value);
  return record;
};
