import { createHash, timingSafeEqual } from 'node:crypto';
import { problem, RequestRefused } from './problem.js';

/** Headers of a request that may hold a key. */
interface KeyHeaders {
  readonly authorization?: string | undefined;
  readonly 'x-api-key'?: string | string[] | undefined;
}

const digest = (key: string): Buffer => createHash('sha256').update(key).digest();
const nameOf = (digested: Buffer): string => digested.toString('base64url', 0, 9);

/** Tells who sends a request by its key. */
export class ApiKeys {
  private readonly digests: readonly Buffer[];

  /** Without keys everybody may send. */
  constructor(keys: readonly string[] = []) {
    this.digests = keys.map(digest);
  }

  /** The short name of a key, which tells nothing of it. */
  static nameOf(key: string): string {
    return nameOf(digest(key));
  }

  /**
   * A short name of the key that the request holds, in `Authorization: Bearer …` or `X-API-Key`, or `''` where none is
   * asked for. Throws a 401 if it holds none that is known. Takes the same time for every wrong key.
   */
  identify(headers: KeyHeaders): string {
    if (this.digests.length === 0) return '';
    const given = this.given(headers);
    const presented = digest(given ?? '');
    let known: Buffer | undefined;
    for (const candidate of this.digests) if (timingSafeEqual(candidate, presented)) known = candidate;
    if (given === undefined || known === undefined) throw refused(given !== undefined);
    return nameOf(known);
  }

  private given({ authorization, 'x-api-key': header }: KeyHeaders): string | undefined {
    const bearer = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    return bearer ?? (Array.isArray(header) ? header[0] : header);
  }
}

const refused = (given: boolean): RequestRefused =>
  new RequestRefused(
    problem(
      'unauthorized',
      401,
      given ? 'The API key is not known' : 'Send an API key as "Authorization: Bearer KEY" or "X-API-Key: KEY"',
    ),
    { 'www-authenticate': 'Bearer' },
  );
