import { copyFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { PeriodicTask } from '@millrace/streams';
import { Certificates, describeWithOpenssl, waitFor } from '@millrace/testkit';
import { pino } from 'pino';
import { BaseConfig } from '../src/index.js';
import { HttpTls } from '../src/tls/http-tls.js';

// Certificates by openssl.
describeWithOpenssl('a certificate that is replaced', () => {
  const certificates = new Certificates();
  const running: PeriodicTask[] = [];
  afterAll(async () => {
    await Promise.all(running.map((task) => task.stop()));
    certificates.remove();
  });

  it('is told of once while it does not fit its key, and again when another does not', async () => {
    const { cert, key } = certificates.sign('gateway');
    const config = Object.assign(new BaseConfig(), { TLS_CERT_FILE: cert, TLS_KEY_FILE: key });
    /** One that begins to look now: what it logs. */
    const follow = (tls: HttpTls): string[] => {
      const told: string[] = [];
      const log = pino({}, { write: (line: string) => void told.push(JSON.parse(line).msg) });
      running.push(tls.follow(createServer(tls.options), log));
      return told;
    };
    const until = (what: string, isSo: () => boolean) => waitFor(async () => isSo(), { what });
    const [first, second, third] = [1, 2, 3].map(() => HttpTls.of(config) as HttpTls);
    const told = follow(first as HttpTls);
    copyFileSync(certificates.sign('next').cert, cert);
    await until('the refusal', () => told.length > 0);
    // Whoever begins later looks later: by then the first has looked again, twice.
    for (const later of [second, third]) {
      const its = follow(later as HttpTls);
      await until('a look', () => its.length > 0);
    }
    const refusal = expect.stringMatching(/^keeping the current TLS certificate: TLS_KEY_FILE: .* is no key of /);
    expect(told).toEqual([refusal]);
    const other = certificates.sign('other');
    copyFileSync(other.cert, cert);
    await until('another refusal', () => told.length > 1);
    copyFileSync(other.key, key);
    await until('the renewed certificate', () => told.length > 2);
    expect(told).toEqual([refusal, refusal, 'TLS certificate reloaded']);
  });
});
