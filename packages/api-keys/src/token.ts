import { hash, randomBytes } from 'node:crypto';

/** What a client sends: `mr_<id>_<secret>`, a form of its own so that scanners of secrets find it. */
export interface Token {
  /** Names the key; it is no secret. */
  readonly id: string;
  /** 256 random bits. */
  readonly secret: string;
}

const PREFIX = 'mr_';
const ID_LENGTH = 10;
const SECRET_BYTES = 32;
const SECRET_LENGTH = 43;
const SECRET_FROM = PREFIX.length + ID_LENGTH + 1;
/** Without what is easily taken for something else, and as many that a byte chooses each as often. */
const ID_LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';

/** An id that no other key has: 50 random bits. */
export const newId = (): string =>
  Array.from(randomBytes(ID_LENGTH), (byte) => ID_LETTERS[byte % ID_LETTERS.length]).join('');

export const newSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');

export const tokenOf = ({ id, secret }: Token): string => `${PREFIX}${id}_${secret}`;

/** The parts of a token, or undefined if the text is none. */
export const parseToken = (text: string): Token | undefined => {
  if (text.length !== SECRET_FROM + SECRET_LENGTH || !text.startsWith(PREFIX) || text[SECRET_FROM - 1] !== '_') {
    return undefined;
  }
  return { id: text.slice(PREFIX.length, SECRET_FROM - 1), secret: text.slice(SECRET_FROM) };
};

/**
 * SHA-256 in hexadecimal digits. A slow hash is for passwords, which can be guessed: of 256 random bits there is no list to
 * try, and this one costs 0.4 µs a request. As text because Node makes that in a third of the time of a buffer.
 */
export const hashOf = (text: string): string => hash('sha256', text, 'hex');
