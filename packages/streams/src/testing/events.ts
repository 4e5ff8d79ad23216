import type { Delivery, StreamedEvent, StreamName } from '../contract.js';

/** The stream that the suite appends to. */
export const IN: StreamName = { name: 'in', partition: 0 };

/** A CloudEvent that carries a number, and a partition key if one is given. */
export const numbered = (n: number, partitionkey?: string): StreamedEvent => ({
  type: 'test.numbered',
  json: JSON.stringify({
    specversion: '1.0',
    id: String(n),
    source: '/test',
    type: 'test.numbered',
    ...(partitionkey === undefined ? {} : { partitionkey }),
    data: { n },
  }),
});

/** `count` of them, from a number on. */
export const numberedEvents = (count: number, from = 0): StreamedEvent[] =>
  Array.from({ length: count }, (_, i) => numbered(from + i));

/** The number that a delivery carries. */
export const numberOf = ({ event: { json } }: Delivery): number => (JSON.parse(json) as { data: { n: number } }).data.n;
