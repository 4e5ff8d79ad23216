import { hash } from 'node:crypto';

/** 128 bits name an event well enough, and cost the least memory in the window. */
export const digestOf = (text: string): string => hash('md5', text, 'base64url');

/** What names an event in the deduplication window: by its source and its id, as CloudEvents says. */
export const eventDigest = (source: string, id: string): string => digestOf(`event\n${source}\n${id}`);
