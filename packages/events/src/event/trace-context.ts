import { scanMembers } from '../json/json-scan.js';
import { spliceMembers } from '../json/splice.js';

/** A W3C trace context: where in which trace something began. */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string | undefined;
}

/** Version, trace, parent and flags; versions after 00 may have more behind a dash. See Trace Context, 3.2. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-[\x21-\x7e]*)?$/;
const LENGTH = 55;
const LONGEST = 128;
/** As long as everybody has to pass it on, in the characters that a header takes. */
const TRACESTATE = /^[\x21-\x7e](?:[\x20-\x7e\t]{0,510}[\x21-\x7e])?$/;

/** Whether a text is a `traceparent`. */
export const isTraceparent = (text: string): boolean =>
  text.length <= LONGEST && TRACEPARENT.test(text) && (text.length === LENGTH || !text.startsWith('00'));

/** Whether a trace is recorded by whoever began it: the flag `sampled`. */
export const isSampledTrace = ({ traceparent }: TraceContext): boolean =>
  (Number.parseInt(traceparent.slice(53, 55), 16) & 1) === 1;

/** The id of the trace: 32 hexadecimal digits. */
export const traceIdOf = ({ traceparent }: TraceContext): string => traceparent.slice(3, 35);

/** The context of two texts; undefined where `traceparent` is none. A `tracestate` that is none is left out. */
export const traceContext = (traceparent: unknown, tracestate?: unknown): TraceContext | undefined => {
  if (typeof traceparent !== 'string' || !isTraceparent(traceparent)) return undefined;
  return typeof tracestate === 'string' && TRACESTATE.test(tracestate) ? { traceparent, tracestate } : { traceparent };
};

const HEAD = '{"traceparent":"';

/**
 * The trace context that an event's JSON carries, by the Distributed Tracing extension of CloudEvents. Parses nothing where
 * there is none: that costs a search for a word. A name that is written with escapes is not found.
 */
export const traceContextOf = (json: string): TraceContext | undefined => {
  if (json.startsWith(HEAD) && !json.includes('"tracestate"')) {
    return traceContext(json.slice(HEAD.length, json.indexOf('"', HEAD.length)));
  }
  if (!json.includes('"traceparent"')) return undefined;
  try {
    const members = scanMembers(json);
    const memberOf = (name: string): unknown => {
      const raw = members.findLast(({ key }) => key === name)?.rawValue;
      return raw === undefined ? undefined : JSON.parse(raw);
    };
    return traceContext(memberOf('traceparent'), memberOf('tracestate'));
  } catch {
    return undefined; // Whoever decodes the event will say what is wrong with it.
  }
};

/**
 * An event's JSON with a trace context as its first members. An event that brings one keeps it: the extension is for the
 * trace in which the event began, and names no hop.
 */
export const withTraceContext = (json: string, { traceparent, tracestate }: TraceContext): string => {
  // A key may be written with escapes, and a member may be there only once.
  if (json.includes('trace') || json.includes('\\')) {
    if (scanMembers(json).some(({ key }) => key === 'traceparent' || key === 'tracestate')) return json;
  }
  const state = tracestate === undefined ? '' : `,"tracestate":${JSON.stringify(tracestate)}`;
  return spliceMembers(json, `"traceparent":"${traceparent}"${state}`);
};
