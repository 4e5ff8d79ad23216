import { chmodSync, chownSync, copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger } from '@millrace/host';
import { Certificates, describeWithOpenssl, type PostgresServer, startPostgres } from '@millrace/testkit';
import { openPool } from '../src/pool.js';
import { SinkPostgresConfig } from '../src/sink-postgres-config.js';

// Certificates by openssl, and the Postgres that comes with `npm ci`.
describeWithOpenssl('Postgres with TLS', () => {
  let postgres: PostgresServer;
  let certificates: Certificates;
  let secured: string;

  beforeAll(async () => {
    certificates = new Certificates();
    postgres = await startPostgres({ flavour: 'embedded' });
    secured = await postgres.createDatabase('secured');
    const folder = postgres.dataDir as string;
    const { cert, key } = certificates.sign('postgres');
    const place = (from: string, name: string): void => {
      const to = join(folder, name);
      copyFileSync(from, to);
      chmodSync(to, 0o600);
      const { uid, gid } = statSync(folder);
      chownSync(to, uid, gid); // Postgres takes a key of its own user alone.
    };
    place(cert, 'tls.crt');
    place(key, 'tls.key');
    place(certificates.ca, 'tls-ca.crt');
    const settings = ['ssl=on', "ssl_cert_file='tls.crt'", "ssl_key_file='tls.key'", "ssl_ca_file='tls-ca.crt'"];
    writeFileSync(join(folder, 'postgresql.auto.conf'), `${settings.join('\n')}\n`, { flag: 'a' });
    const hba = join(folder, 'pg_hba.conf');
    const rules = [
      'hostnossl secured all all reject',
      'hostssl secured all all scram-sha-256 clientcert=verify-ca',
      readFileSync(hba, 'utf8'),
    ];
    writeFileSync(hba, rules.join('\n'));
    await postgres.restart();
  }, 120_000);
  afterAll(async () => {
    await postgres?.stop();
    certificates.remove();
  });

  /** Whether a connection is encrypted, as Postgres has it. */
  const ask = async (parameters: Record<string, string>): Promise<boolean> => {
    const url = `${secured}?${new URLSearchParams(parameters)}`;
    const config = Object.assign(new SinkPostgresConfig(), { DATABASE_URL: url });
    const pool = openPool(config, createLogger({ hop: 'test', level: 'silent', format: 'json' }));
    try {
      const { rows } = await pool.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
      return rows[0].ssl as boolean;
    } finally {
      await pool.end();
    }
  };

  it('is reached with the certificates that DATABASE_URL names, and in no other way', async () => {
    const { cert: sslcert, key: sslkey } = certificates.sign('client');
    const sslrootcert = certificates.ca;
    expect(await ask({ sslmode: 'verify-full', sslrootcert, sslcert, sslkey })).toBe(true);
    await expect(ask({ sslmode: 'verify-full', sslrootcert })).rejects.toThrow(/certificate/);
    await expect(ask({ sslmode: 'verify-full', sslcert, sslkey })).rejects.toThrow(/certificate/);
    await expect(ask({})).rejects.toThrow(/rejects connection/);
  });
});
