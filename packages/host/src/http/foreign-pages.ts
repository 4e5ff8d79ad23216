import { isIP } from 'node:net';
import type { RequestHead } from './decide-by-head.js';
import { problem, RequestRefused } from './problem.js';

const LOOKS = new Set(['GET', 'HEAD']);

/** Which pages may use a service from a browser, beside its own. */
export interface PageRules {
  /** Whether no API key is asked for: then a page elsewhere needs none either. */
  readonly isOpen: boolean;
  /** Host names with dots under which the service is called, and whose pages may send to it. */
  readonly allowedHosts?: readonly string[] | undefined;
}

/**
 * Throws a 403 for what a page of another site sends, and, where no key is asked for, for what is called by a host name that
 * may be another's: a page elsewhere may point a name of its own at this address, and its script would be of the same
 * origin (DNS rebinding). What is no browser says nothing of where it comes from, and is let through.
 */
export const refuseForeignPages = (request: RequestHead, { isOpen, allowedHosts = [] }: PageRules): void => {
  if (isOpen) refuseForeignHost(request, allowedHosts);
  // Without a key an image of another page may ask for what costs much, though the page cannot read the answer.
  if (isOpen || !LOOKS.has(request.method)) refuseOtherSites(request, allowedHosts);
};

// A browser names the origin of whatever may change something.
const refuseForeignHost = ({ method, headers }: RequestHead, allowed: readonly string[]): void => {
  if (!LOOKS.has(method) && headers.origin === undefined) return;
  const host = hostOf(headers.host ?? '');
  const isOurs = host === '' || isIP(host) > 0 || !host.includes('.') || host.endsWith('.localhost');
  if (isOurs || allowed.includes(host)) return;
  throw forbidden(`The host "${host.slice(0, 100)}" is not in ALLOWED_HOSTS, and authentication is disabled`);
};

const refuseOtherSites = ({ headers }: RequestHead, allowed: readonly string[]): void => {
  const { origin, host, 'sec-fetch-site': site } = headers;
  const from = origin !== undefined && URL.canParse(origin) ? new URL(origin) : undefined;
  if (from !== undefined && allowed.includes(from.hostname)) return;
  const isOther = origin !== undefined && from?.host !== host;
  if (!isOther && site !== 'cross-site' && site !== 'same-site') return;
  throw forbidden('Cross-site requests are not allowed');
};

const forbidden = (detail: string): RequestRefused => new RequestRefused(problem('forbidden', 403, detail));

/** A host without its port, and an IPv6 address without its brackets. */
const hostOf = (text: string): string =>
  /^\[([^\]]*)\]/.exec(text)?.[1] ?? (text.split(':')[0] as string).toLowerCase();
