import { loadConfig } from '@millrace/host';
import { Ajv } from 'ajv';
import { configOf, SERVICES, textOf, variablesOfService, yamlOf } from './repository.js';

const CHART = 'deploy/helm/millrace';
const values = yamlOf(`${CHART}/values.yaml`);
const check = new Ajv({ strict: false, allErrors: true }).compile(JSON.parse(textOf(`${CHART}/values.schema.json`)));

/** What the schema says of the values with one of them changed. */
const refusal = (change: (of: typeof values) => void): string => {
  const changed = structuredClone(values);
  change(changed);
  check(changed);
  return (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`).join('\n');
};

describe('the values of the chart', () => {
  it('are what their schema says', () => {
    check(values);
    expect(check.errors).toBeNull();
  });

  it.each([
    ['a number as the value of a variable', (it: typeof values) => Object.assign(it.env, { PARTITIONS: 4 })],
    ['a secret in clear', (it: typeof values) => Object.assign(it.services.gateway.env, { API_KEYS: 'k'.repeat(16) })],
    ['the value of a secret', (it: typeof values) => Object.assign(it.secrets, { REDIS_URL: 'redis://:pw@redis' })],
    [
      'a port of probes that the chart knows nothing of',
      (it: typeof values) => Object.assign(it.env, { HEALTH_PORT: '9090' }),
    ],
    ['a way out to anywhere', (it: typeof values) => Object.assign(it.networkPolicy.redis, { to: [] })],
    ['the URL of the loader in clear', (it: typeof values) => Object.assign(it.env, { REDIS_URL_LOADER: 'redis://x' })],
    ['a misspelt key', (it: typeof values) => Object.assign(it.services.router, { replica: 2 })],
    ['a service that is none', (it: typeof values) => Object.assign(it.services, { routr: it.services.router })],
    ['no Redis', (it: typeof values) => Object.assign(it.services.router, { secrets: [] })],
    [
      'a sink scaled to none',
      (it: typeof values) => Object.assign(it.services['sink-postgres'].keda, { minReplicas: 0 }),
    ],
  ])('refuse %s', (_, change) => {
    expect(refusal(change)).not.toBe('');
  });

  it('name a secret for the loader', () => {
    expect(Object.keys(values.secrets)).toContain(values.loader.secret);
  });

  it('have every service and no other', () => {
    expect(Object.keys(values.services).sort()).toEqual(SERVICES);
  });

  it('are of the version that the repository has', () => {
    const { version } = JSON.parse(textOf('package.json'));
    expect(yamlOf(`${CHART}/Chart.yaml`)).toMatchObject({ version, appVersion: version });
  });

  it('have every service of docker-compose.yml, on the same port', () => {
    const built = Object.entries<{ build?: { args: { APP: string; PORT: number } } }>(
      yamlOf('docker-compose.yml').services,
    ).flatMap(([name, { build }]) => (build === undefined ? [] : [[name, build.args.APP, build.args.PORT]]));
    const ours = SERVICES.map((name) => [name, name, values.services[name].port]);
    expect(built.sort()).toEqual(ours);
  });
});

describe.each(SERVICES)('the values of %s', (name) => {
  const service = values.services[name];
  const given: Record<string, string> = { ...values.env, ...service.env };
  /** As helm renders them: another template than that of `http` stands for a name or a port. */
  const env = Object.fromEntries(
    Object.entries(given).map(([variable, value]) => [
      variable,
      value.replace('{{ include "millrace.scheme" . }}', 'http').replace(/\{\{ .*? \}\}/g, '1'),
    ]),
  );

  it('name variables that it reads, with values that it takes', async () => {
    const known = await variablesOfService(name);
    expect(Object.keys(service.env ?? {}).filter((variable) => !known.has(variable))).toEqual([]);
    const Config = await configOf(name);
    expect(() => loadConfig(Config, env)).not.toThrow();
  });

  it('name secrets that it reads, and that the chart can refer to', async () => {
    const known = await variablesOfService(name);
    expect(service.secrets.filter((variable: string) => !known.has(variable))).toEqual([]);
    expect(Object.keys(values.secrets)).toEqual(expect.arrayContaining(service.secrets));
  });

  it('listen where it listens by itself', async () => {
    const Config = await configOf(name);
    expect(new Config().PORT).toBe(service.port);
  });

  it('have the files that its variables name', () => {
    const named = Object.values(env).filter((value) => value.startsWith('/etc/millrace/'));
    expect(named.map((path) => path.slice('/etc/millrace/'.length)).sort()).toEqual(
      Object.keys(service.files ?? {}).sort(),
    );
  });

  if (service.keda !== undefined) {
    it('are scaled by its own group', () => {
      expect(service.keda.groups).toContain(name);
    });
  }
});
