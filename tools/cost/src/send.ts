import type { Costly, Made } from './requests.js';
import { KEYS, type Stack } from './stack.js';

/** What came of a request. */
export interface Sent {
  /** 0 where there was no answer. */
  readonly status: number;
  readonly bytes: number;
}

/** Sends a request and reads its answer to the end; never rejects. */
export const send = async (stack: Stack, { to, key }: Costly, made: Made, withinMs: number): Promise<Sent> => {
  const { method = 'GET', path, type, headers, body } = made;
  try {
    const response = await fetch(stack.urlOf(to) + path, {
      method,
      headers: {
        ...headers,
        ...(type === undefined ? {} : { 'content-type': type }),
        ...(key === undefined ? {} : { 'x-api-key': KEYS[key] }),
      },
      signal: AbortSignal.timeout(withinMs),
      ...(body === undefined ? {} : { body }),
    });
    let bytes = 0;
    for await (const chunk of response.body ?? []) bytes += (chunk as Uint8Array).length;
    return { status: response.status, bytes };
  } catch {
    return { status: 0, bytes: 0 };
  }
};
