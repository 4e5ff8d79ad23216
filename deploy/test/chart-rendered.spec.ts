import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programOnPath } from '@millrace/testkit';
import { parseAllDocuments, stringify } from 'yaml';
import { pathOf, SERVICES, yamlOf } from './repository.js';

const HELM = programOnPath('helm');
const CHART = pathOf('deploy/helm/millrace');
const values = yamlOf('deploy/helm/millrace/values.yaml');

interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Record<string, string> };
  // biome-ignore lint/suspicious/noExplicitAny: objects of every kind
  readonly spec: any;
}

let folder: string;

const helm = (command: 'lint' | 'template', changed: object): { status: number | null; out: string; err: string } => {
  const file = join(folder, 'values.yaml');
  writeFileSync(file, stringify(changed));
  const name = command === 'template' ? ['mr'] : [];
  const { status, stdout, stderr } = spawnSync(HELM as string, [command, ...name, CHART, '-n', 'prod', '-f', file], {
    encoding: 'utf8',
  });
  return { status, out: stdout, err: stderr };
};

const render = (changed: object = {}): Rendered[] => {
  const { status, out, err } = helm('template', changed);
  if (status !== 0) throw new Error(err);
  return parseAllDocuments(out)
    .map((document) => document.toJS() as Rendered | null)
    .filter((one) => one !== null);
};

const named = (objects: readonly Rendered[], kind: string): Record<string, Rendered> =>
  Object.fromEntries(
    objects
      .filter((one) => one.kind === kind)
      .map((one) => [one.metadata.labels['app.kubernetes.io/component'] as string, one]),
  );

const specOf = (objects: readonly Rendered[], kind: string, name: string): Rendered['spec'] => {
  const found = named(objects, kind)[name];
  if (found === undefined) throw new Error(`there is no ${kind} of ${name}`);
  return found.spec;
};

const everything = {
  env: { PARTITIONS: '4' },
  keda: { enabled: true },
  services: Object.fromEntries(SERVICES.map((name) => [name, { enabled: true }])),
};

const describeWithHelm = HELM === undefined ? describe.skip : describe;

describeWithHelm('the rendered chart (needs helm)', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'chart-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('passes helm lint', () => {
    expect(helm('lint', everything)).toMatchObject({ status: 0 });
  });

  it('has the variables and the way of traces where they have an endpoint, and a service may say otherwise', () => {
    const endpoint = 'http://collector.observability:4318';
    const own = { router: { env: { OTEL_TRACES_SAMPLER_ARG: '1' } } };
    const objects = render({ otel: { endpoint, samplerArg: '0.5' }, services: own });
    const variables = (name: string): Record<string, string> =>
      Object.fromEntries(
        specOf(objects, 'Deployment', name).template.spec.containers[0].env.map(
          (one: { name: string; value: string }) => [one.name, one.value],
        ),
      );
    expect(variables('gateway')).toMatchObject({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.5',
    });
    expect(variables('router')).toMatchObject({ OTEL_TRACES_SAMPLER_ARG: '1' });
    expect(JSON.stringify(specOf(objects, 'NetworkPolicy', 'gateway').egress)).toContain('4318');
    expect(JSON.stringify(render())).not.toMatch(/OTEL|4318/);
  });

  it('has what is enabled, and nothing of what is not', () => {
    const enabled = SERVICES.filter((name) => values.services[name].enabled);
    expect(Object.keys(named(render(), 'Deployment')).sort()).toEqual(enabled);
    const switched = Object.fromEntries(SERVICES.map((name) => [name, { enabled: name === 'sink-webhook' }]));
    const alone = render({ services: switched, loader: { enabled: false } });
    expect(new Set(alone.map(({ metadata }) => metadata.labels['app.kubernetes.io/component']))).toEqual(
      new Set(['sink-webhook', 'deny']),
    );
  });

  it('has no secret, only where they are', () => {
    const objects = render(everything);
    expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    const { env } = specOf(objects, 'Deployment', 'sink-postgres').template.spec.containers[0];
    const url = env.find(({ name }: { name: string }) => name === 'DATABASE_URL');
    expect(url).toEqual({
      name: 'DATABASE_URL',
      valueFrom: { secretKeyRef: { name: 'millrace', key: 'DATABASE_URL' } },
    });
  });

  it.each(SERVICES)('runs %s with no rights, probes it, and lets it drain', (name) => {
    const objects = render(everything);
    const { spec } = specOf(objects, 'Deployment', name).template;
    const [container] = spec.containers;
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(container).toMatchObject({
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
      startupProbe: { httpGet: { path: '/health/live' } },
      livenessProbe: { httpGet: { path: '/health/live' } },
      readinessProbe: { httpGet: { path: '/health/ready' } },
    });
    expect(Object.keys(container.resources)).toEqual(['limits', 'requests']);
    const preStop = Number(container.lifecycle?.preStop.exec.command[1] ?? 0);
    const drain = container.env.find((one: { name: string }) => one.name === 'SHUTDOWN_TIMEOUT').value;
    expect(spec.terminationGracePeriodSeconds).toBe(preStop + Number.parseInt(drain, 10) + 5);
    expect(specOf(objects, 'PodDisruptionBudget', name).maxUnavailable).toBe(1);
    expect(named(objects, 'ServiceAccount')[name]).toMatchObject({ automountServiceAccountToken: false });
  });

  it('tells the console where the gateway is', () => {
    const { env } = specOf(render(), 'Deployment', 'console').template.spec.containers[0];
    expect(env).toContainEqual({ name: 'GATEWAY_URL', value: 'http://mr-millrace-gateway:8080' });
  });

  it('answers by HTTPS where there is a certificate, and is probed and scraped beside it', () => {
    const metricsFrom = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }];
    const tls = { existingSecret: 'millrace-tls', clientCa: true, healthPort: 9191 };
    const objects = render({ services: everything.services, networkPolicy: { metricsFrom }, tls });
    const health = [{ port: 'health', protocol: 'TCP' }];
    for (const name of SERVICES) {
      const { spec, metadata } = specOf(objects, 'Deployment', name).template;
      const [container] = spec.containers;
      expect(metadata.annotations['prometheus.io/port']).toBe('9191');
      for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
        expect(container[probe].httpGet.port).toBe('health');
      }
      expect(container.ports).toContainEqual({ name: 'health', containerPort: 9191, protocol: 'TCP' });
      const env = Object.fromEntries(
        container.env.map((one: { name: string; value: string }) => [one.name, one.value]),
      );
      expect(env).toMatchObject({
        HEALTH_PORT: '9191',
        TLS_CERT_FILE: '/etc/millrace-tls/tls.crt',
        TLS_KEY_FILE: '/etc/millrace-tls/tls.key',
        TLS_CLIENT_CA_FILE: '/etc/millrace-tls/ca.crt',
      });
      expect(container.volumeMounts).toContainEqual({ name: 'tls', mountPath: '/etc/millrace-tls', readOnly: true });
      expect(spec.volumes).toContainEqual({ name: 'tls', secret: { secretName: 'millrace-tls' } });
      const { ingress } = specOf(objects, 'NetworkPolicy', name);
      expect(ingress.at(-1)).toEqual({ ports: health, from: metricsFrom });
      expect(JSON.stringify(ingress.slice(0, -1))).not.toContain('monitoring');
    }
    const { env } = specOf(objects, 'Deployment', 'console').template.spec.containers[0];
    expect(env).toContainEqual({ name: 'GATEWAY_URL', value: 'https://mr-millrace-gateway:8080' });
    expect(env).toContainEqual({ name: 'NODE_EXTRA_CA_CERTS', value: '/etc/millrace-tls/ca.crt' });
    expect(specOf(objects, 'Service', 'gateway').ports).toHaveLength(1);
    expect(JSON.stringify(render())).not.toMatch(/TLS_|HEALTH_PORT|millrace-tls|"health"/);
  });

  it('sends KEDA to the console by HTTPS', () => {
    const scaled = named(render({ keda: { enabled: true }, tls: { existingSecret: 'millrace-tls' } }), 'ScaledObject');
    expect(scaled['router']?.spec.triggers[0].metadata.url).toMatch(/^https:\/\/mr-millrace-console\.prod\.svc:8090\//);
  });

  it('mounts the files of a service, and rolls it when they change', () => {
    const withRoutes = (text: string) => render({ services: { router: { files: { 'routes.yaml': text } } } });
    const objects = withRoutes('routes: []\n');
    expect(named(objects, 'ConfigMap')['router']).toMatchObject({ data: { 'routes.yaml': 'routes: []\n' } });
    const { spec, metadata } = specOf(objects, 'Deployment', 'router').template;
    expect(spec.containers[0].volumeMounts).toEqual([{ name: 'files', mountPath: '/etc/millrace', readOnly: true }]);
    expect(spec.volumes).toEqual([{ name: 'files', configMap: { name: 'mr-millrace-router' } }]);
    const changed = specOf(withRoutes('routes: [] # other\n'), 'Deployment', 'router').template.metadata;
    expect(changed.annotations['checksum/files']).not.toBe(metadata.annotations['checksum/files']);
  });

  it('gives a Service to those that are called', () => {
    expect(Object.keys(named(render(everything), 'Service')).sort()).toEqual(['console', 'gateway']);
  });

  it('lets nobody out to anywhere', () => {
    const rules = Object.entries(
      named(render({ ...everything, otel: { endpoint: 'http://c:4318' } }), 'NetworkPolicy'),
    ).flatMap(([name, { spec }]) =>
      ((spec.egress ?? []) as { to?: unknown[] }[]).map(({ to }) => [name, (to ?? []).length > 0]),
    );
    expect(rules.length).toBeGreaterThan(SERVICES.length);
    expect(rules.filter(([, isBounded]) => !isBounded)).toEqual([]);
  });

  it('loads Functions before anything starts, by a user whose URL no service gets', () => {
    const objects = render(everything);
    const job = objects.find(({ kind }) => kind === 'Job');
    expect(job?.metadata).toMatchObject({
      annotations: { 'helm.sh/hook': 'pre-install,pre-upgrade' },
      labels: { 'app.kubernetes.io/component': 'loader' },
    });
    const url = { name: 'REDIS_URL', valueFrom: { secretKeyRef: { name: 'millrace', key: 'REDIS_URL_LOADER' } } };
    const command = ['node', 'dist/load-functions.js'];
    expect(job?.spec.template.spec.containers).toEqual([expect.objectContaining({ command, env: [url] })]);
    const services = objects.filter(({ kind }) => kind === 'Deployment');
    expect(services).toHaveLength(SERVICES.length);
    expect(JSON.stringify(services)).not.toContain('LOADER');
    expect(render({ loader: { enabled: false } }).some(({ kind }) => kind === 'Job')).toBe(false);
  });

  it('denies what is not needed', () => {
    const policies = named(render(everything), 'NetworkPolicy');
    expect(Object.keys(policies).sort()).toEqual([...SERVICES, 'deny', 'loader'].sort());
    expect(policies['deny']?.spec).toEqual({
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'millrace', 'app.kubernetes.io/instance': 'mr' } },
      policyTypes: ['Ingress', 'Egress'],
    });
    expect(policies['router']?.spec.ingress).toBeUndefined();
    const ports = (name: string): number[] =>
      policies[name]?.spec.egress.flatMap(({ ports }: { ports: { port: number }[] }) => ports.map(({ port }) => port));
    expect(new Set(ports('router'))).toEqual(new Set([53, 6379]));
    expect(new Set(ports('sink-postgres'))).toEqual(new Set([53, 6379, 5432]));
    expect(render({ networkPolicy: { enabled: false } }).filter(({ kind }) => kind === 'NetworkPolicy')).toEqual([]);
  });

  it('scales by lag, a router for each partition at most', () => {
    const objects = render({
      ...everything,
      services: { ...everything.services, 'sink-postgres': { enabled: true, env: { ORDER: 'fifo' } } },
    });
    const scaled = named(objects, 'ScaledObject');
    expect(Object.keys(scaled).sort()).toEqual(SERVICES.filter((name) => values.services[name].keda !== undefined));
    expect(scaled['router']?.spec).toMatchObject({
      maxReplicaCount: 4,
      triggers: [
        {
          type: 'metrics-api',
          metadata: { url: 'http://mr-millrace-console.prod.svc:8090/api/sinks/router', valueLocation: 'lag' },
          authenticationRef: { name: 'mr-millrace-lag' },
        },
      ],
    });
    expect(scaled['sink-postgres']?.spec.maxReplicaCount).toBe(4);
    // Or each rollout would undo what the scaler did.
    expect(specOf(objects, 'Deployment', 'router').replicas).toBeUndefined();
  });

  it('scales the gateway by CPU', () => {
    const objects = render({ services: { gateway: { autoscaling: { enabled: true } } } });
    expect(Object.keys(named(objects, 'HorizontalPodAutoscaler'))).toEqual(['gateway']);
    expect(specOf(objects, 'Deployment', 'gateway').replicas).toBeUndefined();
  });

  it.each([
    [
      'two scalers of one service',
      {
        keda: { enabled: true },
        services: { router: { autoscaling: { enabled: true, minReplicas: 1, maxReplicas: 2, cpu: 70 } } },
      },
    ],
    ['two writers of one folder', { services: { 'sink-files': { enabled: true, replicas: 2 } } }],
    ['lag without a console', { keda: { enabled: true }, services: { console: { enabled: false } } }],
    [
      'KEDA without the certificate that is asked for',
      { keda: { enabled: true }, tls: { existingSecret: 'a', clientCa: true } },
    ],
    ['probes on the port of a service', { tls: { existingSecret: 'a', healthPort: 8080 } }],
    ['a secret that is nowhere', { services: { router: { secrets: ['REDIS_URL', 'ROUTER_TOKEN'] } } }],
    ['a variable that is a number', { env: { PARTITIONS: 4 } }],
  ])('refuses %s', (_, changed) => {
    expect(helm('template', changed).status).not.toBe(0);
  });
});
