import type { Redis } from 'ioredis';
import type { SeriesKeys } from '../keys.js';

/** Whether a connection can use the TimeSeries module; `forbidden`: its user may not, whether it is there or not. */
export type Module = 'usable' | 'missing' | 'forbidden';

/** The series were made by the TimeSeries module, which cannot be used here. */
export abstract class ModuleUnusable extends Error {}

/** This Redis does not have it. */
export class ModuleMissing extends ModuleUnusable {
  override readonly name = 'ModuleMissing';

  constructor(key: string) {
    super(
      `${key} says that the series were made by the TimeSeries module, which this Redis does not have: ` +
        'load it, or use another prefix',
    );
  }
}

/** This user of Redis may not use its commands. */
export class ModuleForbidden extends ModuleUnusable {
  override readonly name = 'ModuleForbidden';

  constructor(key: string) {
    super(
      `${key} says that the series were made by the TimeSeries module, whose commands this user may not use (NOPERM): ` +
        'allow it TS.*, as deploy/redis/users.mjs --timeseries does',
    );
  }
}

/** Throws a `ModuleMissing` or a `ModuleForbidden` unless the module can be used. */
export const needModule = (module: Module, keys: SeriesKeys): void => {
  if (module === 'missing') throw new ModuleMissing(keys.kind);
  if (module === 'forbidden') throw new ModuleForbidden(keys.kind);
};

/** Asks by command, never by version: managed servers, forks and modules all differ. */
export const moduleOf = async (redis: Redis, keys: SeriesKeys): Promise<Module> => {
  try {
    await redis.call('TS.INFO', keys.kind);
    return 'usable';
  } catch (error) {
    const { message } = error as Error;
    if (/unknown command/i.test(message)) return 'missing';
    if (/NOPERM/i.test(message)) return 'forbidden';
    if (/TSDB|WRONGTYPE/i.test(message)) return 'usable';
    throw error;
  }
};
