import { loadConfig } from '@millrace/host';
import { configOf, SERVICES, textOf, variablesOfService, yamlOf } from './repository.js';

const page = textOf('docs/alone.md');
const { services: values } = yamlOf('deploy/helm/millrace/values.yaml');

describe.each(SERVICES)('%s alone', (name) => {
  const path = `deploy/alone/${name}.compose.yml`;
  const file = yamlOf(path);
  const service = file.services[name];

  it('is the one service, built as it is elsewhere', () => {
    expect(Object.keys(file.services)).toEqual([name]);
    const { port } = values[name];
    expect(service.build).toEqual({ context: '../..', args: { APP: name, PORT: port } });
    expect(service.ports).toEqual([`127.0.0.1:${port}:${port}`]);
  });

  it('has variables that it reads', async () => {
    const known = await variablesOfService(name);
    expect(Object.keys(service.environment).filter((variable) => !known.has(variable))).toEqual([]);
    const asked = [...textOf(path).matchAll(/\$\{(\w+)/g)].map(([, variable]) => variable as string);
    // A file on this machine, mounted where ROUTES_FILE says.
    expect(asked.filter((variable) => !known.has(variable) && variable !== 'ROUTES')).toEqual([]);
    expect(asked).toContain('REDIS_URL');
  });

  it('has no rights, and time to drain', () => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      stop_grace_period: '15s',
    });
  });

  it('is on the page', () => {
    expect(page).toContain(`\n## ${name}\n`);
    expect(page).toContain(`-f ${path} up`);
  });
});

describe('.env.example', () => {
  const told = new Set([...textOf('.env.example').matchAll(/^#?([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name));

  it.each(SERVICES)('has every variable of %s', async (name) => {
    expect([...(await variablesOfService(name))].filter((variable) => !told.has(variable))).toEqual([]);
  });

  const lines = [...textOf('.env.example').matchAll(/^([A-Z][A-Z0-9_]*)=(\S*)/gm)];
  const loaded = Object.fromEntries(lines.map(([, variable = '', value = '']) => [variable, value]));

  it.each(SERVICES)('has the defaults of %s, so that all of it changes nothing', async (name) => {
    const Config = await configOf(name);
    expect(loadConfig(Config, loaded)).toEqual(loadConfig(Config, {}));
  });
});
