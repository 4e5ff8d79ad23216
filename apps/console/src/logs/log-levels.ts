import { isDeepStrictEqual } from 'node:util';
import type { ChangedLogLevel, LogLevel, LogOrder } from '@millrace/admin-api';
import { Operations } from '@millrace/operations';
import { ALL_SERVICES, type LogSetting, RedisTransport } from '@millrace/streams/redis';
import { Inject, Injectable } from '@nestjs/common';
import { missing } from '../contract/problems.js';

/** Those that register no group. */
const NO_GROUPS = ['console', 'gateway', 'router'];
const OWN = { level: null, until: null };

/** What is stored was a level when it was set. */
const shown = ({ level, until }: LogSetting): Omit<LogLevel, 'service'> => ({
  level: level as LogLevel['level'],
  until,
});

/** Levels that are set in place of the services' own. All methods reject with `Unavailable`. */
@Injectable()
export class LogLevels {
  constructor(
    @Inject(RedisTransport) private readonly transport: RedisTransport,
    @Inject(Operations) private readonly operations: Operations,
  ) {}

  async all(): Promise<LogLevel[]> {
    const levels = await this.operations.settings.logLevels();
    return [...levels].map(([service, setting]) => ({ service, ...shown(setting) }));
  }

  async set(service: string, { level, seconds }: LogOrder, who: string): Promise<ChangedLogLevel> {
    const setting = { level, until: seconds === undefined ? null : Date.now() + seconds * 1000 };
    const before = (await this.operations.settings.logLevels()).get(service);
    if (!isDeepStrictEqual(setting, before)) {
      await this.operations.settings.setLogLevel(service, setting);
      await this.operations.audit.add(who, 'set log level', { service, ...setting });
    }
    return { service, ...setting, warnings: await this.warningsOf(service) };
  }

  /** Takes away what was set for a service; what is set for all holds for it then. Rejects with a 404 where nothing was. */
  async reset(service: string, who: string): Promise<ChangedLogLevel> {
    const levels = await this.operations.settings.logLevels();
    if (!levels.has(service)) {
      throw missing(`No level is set for "${service}"`);
    }
    await this.operations.settings.setLogLevel(service, null);
    await this.operations.audit.add(who, 'reset log level', { service });
    const forAll = service === ALL_SERVICES ? undefined : levels.get(ALL_SERVICES);
    const warnings = forAll === undefined ? [] : [`${ALL_SERVICES} is set to ${forAll.level}, which holds for it now`];
    return { service, ...(forAll === undefined ? OWN : shown(forAll)), warnings };
  }

  /** A name that nobody has is one that was mistyped, or of a service that is yet to start. */
  private async warningsOf(service: string): Promise<string[]> {
    const hops = (await this.transport.registry.groups()).map(({ hop }) => hop);
    const known = [...new Set([...NO_GROUPS, ...hops])].sort();
    if (service === ALL_SERVICES || known.includes(service)) return [];
    return [`unknown service "${service}"; known are ${known.join(', ')}`];
  }
}
