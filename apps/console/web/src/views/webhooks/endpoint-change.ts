import type { EndpointView } from '@millrace/admin-api';
import { writeJson } from '@millrace/json';
import { changeOf, endpointOf, type TypedEndpoint, typedOf } from './endpoint-text.js';

/** What the form would send, and why it is not sent as it is. */
export interface EndpointChange {
  readonly name: string;
  /** One that there is is changed: what is masked stays as it is, unless it is typed anew. */
  readonly method: 'PUT' | 'PATCH';
  readonly body: Readonly<Record<string, unknown>>;
  /** What is wrong with the text of a field. */
  readonly problem?: string | undefined;
  readonly refused?: string | undefined;
}

/** `view`: undefined of a new one; `taken`: names that a new one may not have. */
export const endpointChange = (
  typed: TypedEndpoint,
  view: EndpointView | undefined,
  taken: readonly string[],
): EndpointChange => {
  const shown = view?.endpoint ? typedOf(view.name, view.endpoint) : undefined;
  const { endpoint = {}, problem } = endpointOf(typed);
  const change = shown === undefined ? endpoint : changeOf(endpointOf(shown).endpoint ?? {}, endpoint);
  // Signed without a secret of its own: the console makes one.
  const body = shown?.isSigned === false && typed.isSigned ? { ...change, signed: true } : { ...change };
  const name = typed.name.trim();
  const isMasked = writeJson(body).includes('…') || /%E2%80%A6/i.test(writeJson(body));
  const refused =
    (name === '' ? 'Name is required.' : undefined) ??
    (view === undefined && taken.includes(name) ? 'An endpoint of this name exists; edit that one.' : undefined) ??
    (typed.url.trim() === '' ? 'URL is required.' : undefined) ??
    problem ??
    (isMasked ? 'Replace … with the value itself: the console does not show it.' : undefined) ??
    (Object.keys(body).length === 0 ? 'No changes to save.' : undefined);
  return { name, method: shown === undefined ? 'PUT' : 'PATCH', body, problem, refused };
};
