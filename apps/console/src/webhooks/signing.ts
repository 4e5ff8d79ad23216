import { randomBytes } from 'node:crypto';
import { EndpointError, type WrittenEndpoint } from '@millrace/endpoints';

const SECRET_BYTES = 32;

/** A secret of the form that signatures take. */
export const newSecret = (): string => `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;

/** An endpoint as it is to be written, and the secret that was made for it. */
export interface Signed {
  readonly written: WrittenEndpoint;
  readonly secret?: string;
}

/**
 * Decides how an endpoint signs: by the secret that it is given, else by the one that it has; a new one gets one, and is
 * unsigned only by `signed: false`. One that has been unsigned stays so. Throws an `EndpointError` where a secret would be
 * taken away and nobody says that it is to be unsigned.
 */
export const signedAs = (asked: WrittenEndpoint, before: WrittenEndpoint | undefined): Signed => {
  const { secret, signed, ...rest } = asked;
  if (signed === null)
    throw new EndpointError(`endpoint "${asked.name}": signed must be true or false, got null`, {
      pointer: '/signed',
    });
  if (secret !== undefined && secret !== null) return { written: asked };
  if (signed === false) return { written: { ...rest, signed } };
  if (secret === null) {
    throw new EndpointError(`endpoint "${asked.name}": its secret is removed; set signed: false as well`, {
      pointer: '/secret',
    });
  }
  if (before?.['secret'] !== undefined) return { written: { ...rest, secret: before['secret'] } };
  if (before !== undefined && signed !== true) {
    return { written: before['signed'] === false ? { ...rest, signed: false } : rest };
  }
  const made = newSecret();
  return { written: { ...rest, secret: made }, secret: made };
};
