import type { Pace } from '@millrace/host';
import { isLarge, type Parts, StepLimitError } from '@millrace/patterns';
import type { Copy, RouteTable, Transformed } from '@millrace/routes';
import {
  type Delivery,
  INBOX,
  type Outcome,
  outcomeOfError,
  PermanentError,
  type StreamedEvent,
  topicStream,
  Unavailable,
} from '@millrace/streams';

const NO_EVENT = new PermanentError(
  'the entry is not a CloudEvent: its fields "type" and "event" are missing or empty',
);

/** Where an event goes. Pure; the promise of a large event gives others their turn. What cannot be decoded or matched is rejected: it would fail every time. */
export const routeEvent = (delivery: Delivery, table: RouteTable, pace: Pace): Outcome | Promise<Outcome> =>
  decided(
    delivery,
    { now: () => table.topicsOf(delivery.event), inParts: () => table.topicsInParts(delivery.event) },
    pace,
    (topics): Outcome => ({
      kind: 'forward',
      to: withoutOwn(topics, delivery).map((topic) => ({ to: topicStream(topic), event: delivery.event })),
    }),
  );

/** The same where routes transform: the copies that an event would have, or why it has none. */
export const copiesOf = (
  delivery: Delivery,
  table: RouteTable,
  pace: Pace,
): readonly Copy[] | Outcome | Promise<readonly Copy[] | Outcome> =>
  decided(
    delivery,
    { now: () => table.copiesOf(delivery.event), inParts: () => table.copiesInParts(delivery.event) },
    pace,
    (copies): readonly Copy[] => copies.filter(({ topic }) => isElsewhere(topic, delivery)),
  );

const decided = <M, T>(
  { event }: Delivery,
  match: { readonly now: () => M; readonly inParts: () => Parts<M> },
  pace: Pace,
  made: (matched: M) => T,
): T | Outcome | Promise<T | Outcome> => {
  if (event.type === '' || event.json === '') return { kind: 'reject', cause: NO_EVENT };
  if (isLarge(event.json)) return pace.through(match.inParts()).then(made).catch(undecided);
  try {
    return made(match.now());
  } catch (cause) {
    return undecided(cause);
  }
};

/** What comes of copies when it is known what their transforms made: all of them, or, where one failed, none. */
export const forwardCopies = (
  { event }: Delivery,
  copies: readonly Copy[],
  transformed: (route: string) => Transformed | undefined,
): Outcome => {
  const to: { to: string; event: StreamedEvent }[] = [];
  for (const { topic, route } of copies) {
    const made = route?.transform === undefined ? event : transformed(route.name);
    if (made instanceof Error) {
      const message = `route "${route?.name}": ${made.message}`;
      if (made instanceof Unavailable) return outcomeOfError(new Unavailable(message, { cause: made }));
      return { kind: 'reject', cause: new PermanentError(message, { cause: made }) };
    }
    to.push({ to: topicStream(topic), event: made ?? event });
  }
  return { kind: 'forward', to };
};

/** What is routed again comes from a topic, where it is already. */
const isElsewhere = (topic: string, { stream }: Delivery): boolean => stream === INBOX || topicStream(topic) !== stream;

const withoutOwn = (topics: readonly string[], delivery: Delivery): readonly string[] =>
  delivery.stream === INBOX ? topics : topics.filter((topic) => isElsewhere(topic, delivery));

const undecided = (cause: unknown): Outcome => {
  const what = cause instanceof StepLimitError ? 'matched against the routes' : 'decoded';
  const message = `the event cannot be ${what}: ${(cause as Error).message}`;
  return { kind: 'reject', cause: new PermanentError(message, { cause }) };
};
