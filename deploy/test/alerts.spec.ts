import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programOnPath } from '@millrace/testkit';
import { stringify } from 'yaml';
import { pathOf, textOf, yamlOf } from './repository.js';

const PROMTOOL = programOnPath('promtool');

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook_url: string };
}
interface Tested {
  readonly alertname: string;
  readonly exp_alerts?: readonly object[];
}

const rules: readonly Alert[] = yamlOf('deploy/prometheus/millrace.rules.yml').groups[0].rules;
const tested: readonly Tested[] = yamlOf('deploy/prometheus/millrace.rules.test.yml').tests.flatMap(
  (one: { alert_rule_test: Tested[] }) => one.alert_rule_test,
);

const promtool = (...args: string[]): { status: number | null; output: string } => {
  const { status, stdout, stderr } = spawnSync(PROMTOOL as string, args, { encoding: 'utf8' });
  return { status, output: stdout + stderr };
};

it('has a runbook for every alert, and no other', () => {
  const sections = [...textOf('docs/runbooks.md').matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
  expect(sections).toEqual(rules.map(({ alert }) => alert));
  for (const { alert, annotations } of rules) {
    expect(annotations.runbook_url).toBe(`docs/runbooks.md#${alert.toLowerCase()}`);
  }
});

it.each(rules.map(({ alert }) => alert))('%s is tested', (name) => {
  const of = tested.filter(({ alertname }) => alertname === name);
  expect(of.some(({ exp_alerts = [] }) => exp_alerts.length > 0)).toBe(true);
});

it('asks for metrics that docs/metrics.md has', () => {
  const told = textOf('docs/metrics.md');
  const asked = rules.flatMap(({ expr }) => expr.match(/\b(?:millrace|redis)_\w+/g) ?? []);
  expect(asked.length).toBeGreaterThan(10);
  expect(asked.filter((name) => !told.includes(`\`${name}\``))).toEqual([]);
});

const describeWithPromtool = PROMTOOL === undefined ? describe.skip : describe;

describeWithPromtool('by promtool (needs promtool)', () => {
  it('takes the configuration and the rules', () => {
    expect(promtool('check', 'config', pathOf('deploy/prometheus/prometheus.yml'))).toMatchObject({ status: 0 });
  });

  it('fires each alert when it should', () => {
    const { status, output } = promtool('test', 'rules', pathOf('deploy/prometheus/millrace.rules.test.yml'));
    expect({ status, output }).toEqual({ status: 0, output: expect.stringContaining('SUCCESS') });
  });

  it('understands every query of the dashboard', () => {
    const panels: { targets?: { expr: string }[] }[] = JSON.parse(textOf('deploy/grafana/millrace.json')).panels;
    const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    const asRules = queries.map((expr, i) => ({
      record: `query:${i}`,
      expr: expr.replaceAll('$__rate_interval', '1m').replaceAll('$sink', 'sink-postgres'),
    }));
    const folder = mkdtempSync(join(tmpdir(), 'queries-'));
    writeFileSync(join(folder, 'queries.yml'), stringify({ groups: [{ name: 'dashboard', rules: asRules }] }));
    expect(queries.length).toBeGreaterThan(20);
    expect(promtool('check', 'rules', join(folder, 'queries.yml'))).toMatchObject({ status: 0 });
    rmSync(folder, { recursive: true });
  });
});
