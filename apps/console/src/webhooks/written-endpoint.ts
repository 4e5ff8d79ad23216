import { HIDDEN, hidesSomething, type WrittenEndpoint } from '@millrace/endpoints';
import { pointerTo, shown } from '@millrace/json';
import { refusal } from '../contract/problems.js';

/** A body as an endpoint of the name in the path. Throws a 422 for what is none, and for what an answer has shown. */
export const readWritten = (name: string, body: unknown): WrittenEndpoint => {
  const refuse = (why: string, pointer?: string): never => {
    throw refusal('bad-endpoint', 422, `the body: endpoint "${name.slice(0, 100)}": ${why}`, pointer);
  };
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return refuse('must be an object with a url');
  const { name: given = name } = body as { name?: unknown };
  const written = { ...body, name: given } as WrittenEndpoint;
  if (written.name !== name) return refuse('name differs from that of the path; leave it out', '/name');
  if (hidesSomething(written['url']))
    return refuse('url has a masked part "…"; give it in full, or leave url out', '/url');
  const hidden = Object.entries(written['headers'] ?? {}).find(([, value]) => value === HIDDEN)?.[0];
  if (hidden !== undefined)
    return refuse(
      `header ${shown(hidden)} has a masked value "…"; give it in full, or leave headers out`,
      pointerTo(['headers', hidden]),
    );
  return written;
};
