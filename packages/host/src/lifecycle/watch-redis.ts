import { PeriodicTask } from '@millrace/streams';
import type { Finding, RedisTransport } from '@millrace/streams/redis';
import type { Health } from '../health.js';
import type { Logger } from '../logging/logging.js';

const INTERVAL_MS = 2000;

/** Why the process cannot go on with this Redis. */
export class RefusedRedis extends Error {
  override readonly name = 'RefusedRedis';
}

const tell = (findings: readonly Finding[], log: Logger): void => {
  for (const { check, verdict, detail } of findings) {
    if (verdict === 'warning') log.warn({ check }, detail);
    else log.debug({ check, verdict }, detail);
  }
};

/** Distinct troubles that are told before Redis is reachable again: their words may have numbers in them. */
const MOST_TOLD = 100;

/** Warns of each trouble once, until Redis is reachable again. */
const warnOnce = (log: Logger): { trouble(message: string): void; over(): void } => {
  const told = new Set<string>();
  return {
    trouble: (message) => {
      if (told.has(message) || told.size >= MOST_TOLD) return;
      told.add(message);
      log.warn(`not ready: ${message}`);
    },
    over: () => told.clear(),
  };
};

/**
 * Examines Redis once it can be reached, then asks every two seconds whether it is there, and keeps `redis` in the
 * health up to date. What keeps it from being ready is a warning, once for each message. Calls `refuse` if the doctor finds
 * what makes the promises impossible. `examineMore` looks at what matters to this process alone.
 */
export const watchRedis = (
  transport: RedisTransport,
  health: Health,
  log: Logger,
  refuse: (error: RefusedRedis) => void,
  examineMore: () => Promise<readonly Finding[]> = async () => [],
): PeriodicTask => {
  health.down('redis', 'not reached yet');
  let examined = false;
  const warning = warnOnce(log);
  const look = async (): Promise<void> => {
    if (!examined) {
      const findings = [...(await transport.server.examine()), ...(await examineMore())];
      examined = true;
      tell(findings, log);
      const refusal = findings.find(({ verdict }) => verdict === 'refuse');
      if (refusal !== undefined) return refuse(new RefusedRedis(refusal.detail));
    } else {
      await transport.server.ping();
    }
    if (!health.isUp('redis')) log.info('connected to Redis');
    health.up('redis');
    warning.over();
  };
  const onError = ({ message }: Error): void => {
    health.down('redis', message);
    warning.trouble(message);
  };
  const watching = new PeriodicTask(look, { everyMs: INTERVAL_MS, onError });
  watching.start();
  return watching;
};
