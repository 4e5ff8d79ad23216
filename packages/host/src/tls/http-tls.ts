import type { Server, ServerOptions } from 'node:https';
import { PeriodicTask } from '@millrace/streams';
import type { BaseConfig } from '../config/base-config.js';
import { ConfigError } from '../config/config.js';
import type { Logger } from '../logging/logging.js';
import { WatchedFile } from '../watched-file.js';
import { checkPair, checkPem, type Pem, type PemFiles, readPem } from './pem.js';

const LOOK_EVERY_MS = 1000;

/** The certificate that a process answers with, and whose clients it lets in. */
export class HttpTls {
  private pem: Pem;

  private constructor(private readonly files: PemFiles) {
    this.pem = Object.fromEntries(
      (['ca', 'cert', 'key'] as const)
        .map((name) => [name, readPem(files[name])] as const)
        .filter(([, text]) => text !== undefined),
    );
    checkPem(this.pem, files);
  }

  /** Undefined where the process answers without TLS. Throws a `ConfigError` where the files cannot be used. */
  static of(config: BaseConfig): HttpTls | undefined {
    const { TLS_CERT_FILE, TLS_KEY_FILE, TLS_CLIENT_CA_FILE } = config;
    const files: PemFiles = {
      cert: { variable: 'TLS_CERT_FILE', path: TLS_CERT_FILE },
      key: { variable: 'TLS_KEY_FILE', path: TLS_KEY_FILE },
      ca: { variable: 'TLS_CLIENT_CA_FILE', path: TLS_CLIENT_CA_FILE },
    };
    checkPair(files);
    if (TLS_CERT_FILE !== undefined) return new HttpTls(files);
    if (TLS_CLIENT_CA_FILE === undefined) return undefined;
    throw new ConfigError('TLS_CERT_FILE: is required with TLS_CLIENT_CA_FILE');
  }

  /** With the authority of clients each of them has to show a certificate that it signed. */
  get options(): ServerOptions {
    const asks = this.pem.ca !== undefined;
    return { ...this.pem, requestCert: asks, rejectUnauthorized: asks };
  }

  /**
   * Takes up files that change, for new connections; those that are there stay. What cannot be used is reported once, and
   * leaves what was live.
   */
  follow(server: Server, log: Logger): PeriodicTask {
    const watched = Object.entries(this.files).flatMap(([name, { path }]) =>
      path === undefined ? [] : [[name, new WatchedFile(path)] as const],
    );
    let texts: Pem = this.pem;
    let told: string | undefined;
    const look = async (): Promise<void> => {
      for (const [name, file] of watched) {
        const text = await file.changed();
        if (text === undefined) continue;
        texts = { ...texts, [name]: text };
        told = undefined;
      }
      if (!isSame(texts, this.pem)) {
        checkPem(texts, this.files);
        server.setSecureContext(texts);
        this.pem = texts;
        log.info('TLS certificate reloaded');
      }
      told = undefined;
    };
    const onError = ({ message }: Error): void => {
      if (message !== told) log.error(`keeping the current TLS certificate: ${message}`);
      told = message;
    };
    const following = new PeriodicTask(look, { everyMs: LOOK_EVERY_MS, onError });
    following.start(LOOK_EVERY_MS);
    return following;
  }
}

const isSame = (a: Pem, b: Pem): boolean => a.ca === b.ca && a.cert === b.cert && a.key === b.key;
