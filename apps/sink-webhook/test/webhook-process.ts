import { fileURLToPath } from 'node:url';
import { readVariable } from '@millrace/host/environment';
import { freePort, ServerProcess, waitFor } from '@millrace/testkit';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** The sink as a process of its own, as it is deployed. */
export interface WebhookProcess {
  /** Every line that it wrote. */
  readonly lines: readonly string[];
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>;
  /** How it ended, in words. */
  obituary(): string;
  health(): Promise<{ status: string; dependencies: Record<string, string> }>;
  metrics(): Promise<string>;
  /** SIGTERM; resolves when it is gone. */
  stop(): Promise<void>;
}

/** Starts it without waiting for anything. */
export const spawnWebhooks = async (env: Readonly<Record<string, string>>): Promise<WebhookProcess> => {
  const port = await freePort();
  const lines: string[] = [];
  const child = new ServerProcess({
    name: 'sink-webhook',
    program: process.execPath,
    args: [MAIN],
    env: { PATH: readVariable('PATH'), PORT: String(port), HOST: '127.0.0.1', ALLOW_NETWORKS: '127.0.0.0/8', ...env },
    stopSignal: 'SIGTERM',
    guardSignal: 'KILL',
    onLine: (line) => lines.push(line),
  });
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  return {
    lines,
    gone: child.gone,
    obituary: () => child.obituary(),
    health: async () => (await get('/health/ready')).json() as ReturnType<WebhookProcess['health']>,
    metrics: async () => (await get('/metrics')).text(),
    stop: () => child.stop(),
  };
};

/** Starts it and waits until it is ready. */
export const startWebhooks = async (env: Readonly<Record<string, string>>): Promise<WebhookProcess> => {
  const started = await spawnWebhooks(env);
  const ready = async () => (await started.health()).status === 'ready';
  await waitFor(ready, { what: 'the sink to be ready' }).catch((error: Error) => {
    throw new Error(`${error.message}: ${started.obituary()}`);
  });
  return started;
};
