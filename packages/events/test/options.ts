import { type Decoded, type DecodeOptions, decodeRequest, type EventError, type IncomingEvent } from '../src/index.js';

/** Options with a still clock and ids that count. */
export const options = (more: Partial<DecodeOptions> = {}): DecodeOptions => {
  let next = 0;
  return {
    defaultSource: '/gateway',
    now: () => new Date('2026-01-31T12:00:00Z'),
    newId: () => {
      next += 1;
      return `new-${next}`;
    },
    ...more,
  };
};

export const STRUCTURED = 'application/cloudevents+json';
export const BATCH = 'application/cloudevents-batch+json';

export const decode = (type: string, body: string | Buffer, more?: Partial<DecodeOptions>): Decoded[] =>
  decodeRequest({ 'content-type': type }, Buffer.from(body as string), options(more));

export const eventOf = (decoded: Decoded | undefined): IncomingEvent => {
  if (decoded?.ok !== true) throw new Error(`rejected: ${decoded?.error.message}`);
  return decoded.event;
};

export const errorOf = (decoded: Decoded | undefined): EventError => {
  if (decoded?.ok !== false) throw new Error('not rejected');
  return decoded.error;
};

/** The error of one event, thrown or told. */
export const failure = (run: () => Decoded[]): string => {
  try {
    const { code, status } = errorOf(run()[0]);
    return `${status} ${code}`;
  } catch (error) {
    const { code, status } = error as EventError;
    if (code === undefined) throw error;
    return `${status} ${code}`;
  }
};

export const CE = '"specversion":"1.0","id":"1","source":"/s","type":"t"';
