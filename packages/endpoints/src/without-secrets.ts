import type { WrittenEndpoint } from './endpoint.js';

/** Stands for what is not shown. */
export const HIDDEN = '…';
const HIDDEN_ENCODED = encodeURIComponent(HIDDEN);
/** How much of a secret is shown, so that people tell one from another. */
const SHOWN_OF_SECRET = 4;

/**
 * An endpoint as anybody may see it: its address without user, password and the values of its query, its headers without their values, of
 * its secrets the last letters.
 */
export const withoutSecrets = ({ secret, url, headers, ...rest }: WrittenEndpoint): WrittenEndpoint => ({
  ...rest,
  url: urlWithoutSecrets(String(url)),
  ...(secret === undefined ? {} : { secret: [secret].flat().map(masked) }),
  ...(headers === undefined
    ? {}
    : { headers: Object.fromEntries(Object.keys(Object(headers)).map((key) => [key, HIDDEN])) }),
});

/** Whether an address is one that was shown, and would replace what it hides. */
export const hidesSomething = (url: unknown): boolean =>
  typeof url === 'string' && (url.includes(HIDDEN) || url.toUpperCase().includes(HIDDEN_ENCODED));

const masked = (secret: unknown): string => `whsec_${HIDDEN}${String(secret).slice(-SHOWN_OF_SECRET)}`;

const urlWithoutSecrets = (text: string): string => {
  if (!URL.canParse(text)) return HIDDEN;
  const url = new URL(text);
  if (url.username !== '') url.username = HIDDEN;
  if (url.password !== '') url.password = HIDDEN;
  for (const name of [...url.searchParams.keys()]) url.searchParams.set(name, HIDDEN);
  return url.href;
};
