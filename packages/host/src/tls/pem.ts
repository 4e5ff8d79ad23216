import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { ConfigError } from '../config/config.js';

/** Certificates and a key, as PEM. */
export interface Pem {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Where they are; names and paths, so that what is said of them names the variable. */
export type PemFiles = Readonly<Record<keyof Pem, { readonly variable: string; readonly path: string | undefined }>>;

/** Throws a `ConfigError` where a certificate comes without its key, or the other way round. */
export const checkPair = ({ cert, key }: PemFiles): void => {
  const [missing, given] = cert.path === undefined ? [cert, key] : [key, cert];
  if (missing.path === undefined && given.path !== undefined) {
    throw new ConfigError(`${missing.variable}: is required with ${given.variable}`);
  }
};

/** The text of a file. Throws a `ConfigError` where it cannot be read. */
export const readPem = ({ variable, path }: PemFiles[keyof Pem]): string | undefined => {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`${variable}: ${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
};

/** Throws a `ConfigError` that names the variable of what is no certificate, no key, or no pair. */
export const checkPem = ({ ca, cert, key }: Pem, files: PemFiles): void => {
  const try_ = (file: PemFiles[keyof Pem], is: string, parse: () => unknown): void => {
    try {
      parse();
    } catch (error) {
      throw new ConfigError(`${file.variable}: ${file.path} is ${is}: ${(error as Error).message}`);
    }
  };
  if (ca !== undefined) try_(files.ca, 'no certificate', () => new X509Certificate(ca));
  if (cert === undefined) return;
  try_(files.cert, 'no certificate', () => new X509Certificate(cert));
  try_(files.key, `no key of ${files.cert.path}`, () => createSecureContext({ cert, key }));
};
