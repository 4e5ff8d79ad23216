import { readdirSync } from 'node:fs';
import { Metrics } from '@millrace/host';
import { pathOf, SERVICES, textOf, yamlOf } from './repository.js';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly repeat?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

const board = JSON.parse(textOf('deploy/grafana/millrace.json'));
const panels: readonly Panel[] = board.panels;

/** Names of metrics in some text, without what a histogram adds to them. */
const metricsIn = (text: string): Set<string> =>
  new Set(
    [...text.matchAll(/\b(?:millrace|redis|process|nodejs)_[a-z0-9_]+/g)].map(([name]) =>
      name.replace(/_(bucket|sum|count)$/, ''),
    ),
  );

/** Every source of the product in one text. */
const source = ['apps', 'packages']
  .flatMap((folder) => readdirSync(pathOf(folder)).map((one) => `${folder}/${one}/src`))
  .flatMap((folder) =>
    readdirSync(pathOf(folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => textOf(`${folder}/${file}`)),
  )
  .join('\n');

/** Metrics that our processes have: those they name in quotes, and Node's. */
const known = new Set([
  ...[...source.matchAll(/\b(?:counter|gauge|histogram|observe|collect|of[A-Z]\w*|\w+Histogram)\(\s*'(\w+)'/g)].map(
    ([, name]) => name as string,
  ),
  ...new Metrics().registry.getMetricsAsArray().map(({ name }) => name),
]);

describe('the dashboard', () => {
  it('is what its definition makes: node deploy/grafana/dashboard.mjs', async () => {
    const { dashboard } = await import(new URL('../grafana/dashboard.mjs', import.meta.url).href);
    expect(board).toEqual(JSON.parse(JSON.stringify(dashboard())));
  });

  it('asks for metrics that there are', () => {
    const asked = metricsIn(panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join('\n'));
    expect([...asked].filter((name) => !known.has(name))).toEqual([]);
  });

  it('has a row for every service: one each, and one that repeats for the sinks', () => {
    const rows = panels.filter(({ type }) => type === 'row');
    for (const name of SERVICES.filter((one) => !one.startsWith('sink-'))) {
      expect(rows.some(({ title }) => title.startsWith(name))).toBe(true);
    }
    expect(rows.filter(({ repeat }) => repeat === 'sink')).toHaveLength(1);
    expect(board.templating.list.map(({ name }: { name: string }) => name)).toContain('sink');
  });

  it('has every panel in a place of its own', () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)}/${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBeLessThanOrEqual(24);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });
});

describe('Prometheus', () => {
  it('reads every service on its port', () => {
    const [{ dns_sd_configs: found }] = yamlOf('deploy/prometheus/prometheus.yml').scrape_configs;
    const { services } = yamlOf('deploy/helm/millrace/values.yaml');
    const targets = (found as { names: string[]; port: number }[]).map(({ names: [name], port }) => [name, port]);
    expect(targets.sort()).toEqual(SERVICES.map((name) => [name, services[name].port]));
  });
});

describe('docs/metrics.md', () => {
  it('names every metric of ours, and no other', () => {
    const told = [...metricsIn(textOf('docs/metrics.md'))].filter((name) => name !== 'redis_exporter').sort();
    const ours = [...known].filter((name) => /^(millrace|redis)_/.test(name)).sort();
    expect(told).toEqual(ours);
  });
});

describe('docker-compose.yml', () => {
  const { services } = yamlOf('docker-compose.yml');

  it('has Prometheus and Grafana where they are asked for, by an exact version', () => {
    for (const name of ['prometheus', 'grafana']) {
      expect(services[name]).toMatchObject({
        profiles: ['observe'],
        image: expect.stringMatching(/:v?\d+\.\d+\.\d+$/),
      });
    }
  });

  it('mounts files that there are', () => {
    const sources = Object.values<{ volumes?: string[] }>(services)
      .flatMap(({ volumes = [] }) => volumes)
      .flatMap((volume) => (volume.startsWith('./') ? [volume.split(':')[0] as string] : []));
    expect(sources.length).toBeGreaterThan(3);
    for (const path of sources) expect(() => readdirSync(pathOf(path))).not.toThrow(/ENOENT/);
  });
});
