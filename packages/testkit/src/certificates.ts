import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { globals } from './processes/globals.js';
import { programOnPath } from './processes/program-on-path.js';

/** Paths of a certificate and its key, as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** An authority of its own, and what it signs, in a temporary folder. Needs the program `openssl`. */
export class Certificates {
  readonly folder = mkdtempSync(join(tmpdir(), 'millrace-certificates-'));
  private made: Certificate | undefined;

  /** Path of the authority's certificate. */
  get ca(): string {
    return this.authority.cert;
  }

  text(path: string): string {
    return readFileSync(path, 'utf8');
  }

  /** A certificate of the loopback address and `localhost`, for a server or a client. */
  sign(name: string): Certificate {
    const { cert: csr, key } = this.request(name);
    const cert = join(this.folder, `${name}.crt`);
    const names = join(this.folder, `${name}.cnf`);
    writeFileSync(names, 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
    const by = ['-CA', this.authority.cert, '-CAkey', this.authority.key, '-CAcreateserial', '-extfile', names];
    openssl('x509', '-req', '-in', csr, '-out', cert, '-days', '2', ...by);
    return { cert, key };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Made when it is first asked for: the body of a skipped `describe` runs where there is no openssl. */
  private get authority(): Certificate {
    this.made ??= this.request('authority', '-x509', '-days', '2');
    return this.made;
  }

  private request(name: string, ...more: readonly string[]): Certificate {
    const [key, cert] = [join(this.folder, `${name}.key`), join(this.folder, `${name}.pem`)];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    openssl('req', '-new', ...curve, '-subj', `/CN=${name}`, '-keyout', key, '-out', cert, ...more);
    return { cert, key };
  }
}

const openssl = (...args: readonly string[]): void => {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
};

/** Tests that need certificates; skipped, by their name, where there is no `openssl` on the PATH. */
export const describeWithOpenssl = (name: string, body: () => void): void => {
  if (programOnPath('openssl') === undefined) globals().describe.skip(`${name} (needs openssl)`, body);
  else globals().describe(name, body);
};
