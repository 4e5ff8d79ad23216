import type { WrittenEndpoint } from '@millrace/admin-api';
import { writeJson } from '@millrace/json';
import { readJson, written } from '../../ui/json-text.js';

/** An endpoint as it stands in the form: everything is text. */
export interface TypedEndpoint {
  readonly name: string;
  readonly url: string;
  readonly secret: string;
  readonly topics: string;
  readonly pattern: string;
  readonly format: NonNullable<WrittenEndpoint['format']>;
  readonly headers: string;
  readonly timeout: string;
  readonly rate: string;
  readonly isEnabled: boolean;
  readonly isSigned: boolean;
}

export const NEW_ENDPOINT: TypedEndpoint = {
  name: '',
  url: '',
  secret: '',
  topics: '',
  pattern: '',
  format: 'structured',
  headers: '',
  timeout: '',
  rate: '',
  isEnabled: true,
  isSigned: true,
};

const text = (value: unknown): string => (value === undefined ? '' : String(value));
const json = (value: unknown): string => (value === undefined ? '' : written(value));

/** What is secret is shown by the API as a part of it: it has to be typed anew. */
export const typedOf = (name: string, endpoint: WrittenEndpoint): TypedEndpoint => ({
  name,
  url: text(endpoint.url),
  secret: '',
  topics: endpoint.topics === undefined ? '' : [endpoint.topics].flat().join(', '),
  pattern: json(endpoint.pattern),
  format: endpoint.format ?? 'structured',
  headers: json(endpoint.headers),
  timeout: text(endpoint.timeout),
  rate: text(endpoint.rate),
  isEnabled: endpoint.enabled !== false,
  isSigned: endpoint.secret !== undefined,
});

const filled = (name: string, value: unknown): object => (value === undefined ? {} : { [name]: value });

/** The endpoint that was typed, or what keeps it from being one; the rest is for the console to say. */
export const endpointOf = (
  typed: TypedEndpoint,
): { readonly endpoint?: WrittenEndpoint; readonly problem?: string } => {
  const parts: Record<string, unknown> = {};
  for (const name of ['pattern', 'headers'] as const) {
    if (typed[name].trim() === '') continue;
    const { value, problem } = readJson(typed[name]);
    if (problem !== undefined) return { problem: `${name}: ${problem}` };
    parts[name] = value;
  }
  const topics = typed.topics.split(/[\s,]+/).filter(Boolean);
  return {
    endpoint: {
      url: typed.url.trim(),
      ...(typed.isSigned ? filled('secret', typed.secret.trim() || undefined) : { signed: false }),
      ...filled('topics', topics.length === 0 ? undefined : topics),
      ...parts,
      ...(typed.format === 'structured' ? {} : { format: typed.format }),
      ...filled('timeout', typed.timeout.trim() || undefined),
      ...filled('rate', typed.rate.trim() === '' ? undefined : Number(typed.rate)),
      ...(typed.isEnabled ? {} : { enabled: false }),
    },
  };
};

/** What differs between an endpoint as it was shown and as it was typed; null: it is taken away. */
export const changeOf = (
  before: Partial<WrittenEndpoint>,
  after: Partial<WrittenEndpoint>,
): Record<string, unknown> => {
  const [old, now] = [before as Record<string, unknown>, after as Record<string, unknown>];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  const isSame = (name: string) => writeJson(old[name]) === writeJson(now[name]);
  return Object.fromEntries(names.filter((name) => !isSame(name)).map((name) => [name, now[name] ?? null]));
};
