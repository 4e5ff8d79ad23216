import type { StoredEvent } from '@millrace/admin-api';
import { parseJson } from '@millrace/json';
import type { Delivery } from '@millrace/streams';
import { shortenedFields } from '../answers/answer-budget.js';
import { timeOfId } from '../observation/views.js';

/** JSON as a value, and as the text that it is where it is none: whoever looks wants to see what is wrong with it. */
export const parsed = (text: string): unknown => {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
};

/** Names and values of an entry that holds no event. */
export const foreignIn = (delivery: Delivery): readonly string[] | undefined =>
  (delivery as { foreign?: readonly string[] }).foreign;

/** How many characters of what is stored a delivery has. */
export const charactersOf = (delivery: Delivery): number =>
  (foreignIn(delivery) ?? []).reduce((sum, text) => sum + text.length, delivery.event.json.length);

const foreignOf = (delivery: Delivery): unknown => {
  const foreign = shortenedFields(foreignIn(delivery) ?? [], Number.POSITIVE_INFINITY);
  const fields: Record<string, string> = {};
  for (let i = 0; i + 1 < foreign.length; i += 2) fields[foreign[i] as string] = foreign[i + 1] as string;
  return fields;
};

/** A delivery as it is shown. */
export const toStored = (delivery: Delivery): StoredEvent => ({
  streamId: delivery.position,
  partition: delivery.partition,
  at: timeOfId(delivery.position),
  type: delivery.event.type,
  event: delivery.event.json === '' ? foreignOf(delivery) : parsed(delivery.event.json),
});
