import { EventError, show } from '../event-error.js';
import { parseJson } from '../json/parse-json.js';
import { requirePresent } from './attributes.js';

/** A CloudEvent 1.0 as its JSON says it; extensions are members beside the others. */
export interface CloudEvent {
  readonly specversion: string;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  /** RFC 3339, as it was written. */
  readonly time?: string;
  readonly datacontenttype?: string;
  readonly dataschema?: string;
  readonly data?: unknown;
  /** Base64, in place of `data`. */
  readonly data_base64?: string;
  readonly [extension: string]: unknown;
}

/**
 * The event of structured JSON text, such as a stream entry holds. Attributes that are null are left out. Checks only
 * that it is an object with `id`, `source` and `type`: what is stored was validated on its way in. Throws `EventError`.
 */
export const parseEvent = (json: string): CloudEvent => {
  const value = parseJson(json, 'The event');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new EventError('not-an-object', 422, `An event must be a JSON object, got ${show(value)}`);
  }
  const event = value as Record<string, unknown>;
  requirePresent('id', event['id']);
  requirePresent('source', event['source']);
  requirePresent('type', event['type']);
  for (const name of Object.keys(event)) if (event[name] === null && name !== 'data') delete event[name];
  return event as CloudEvent;
};
