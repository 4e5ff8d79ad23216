import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { type Variable, variablesOf } from './variables.js';

/** A variable has a value that it does not take. The message is the one line to show. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a process's configuration from its environment. A variable that is missing or empty has its default. Throws a
 * `ConfigError` that names the variable, what it must be and what it got, for the first that is wrong.
 */
export const loadConfig = <T extends object>(type: new () => T, environment: Environment = process.env): T => {
  const variables = variablesOf(type);
  const given = Object.fromEntries(
    [...variables.keys()]
      .map((name) => [name, environment[name]])
      .filter(([, value]) => value !== undefined && value !== ''),
  ) as Record<string, string>;
  const config = plainToInstance(type, given, { exposeDefaultValues: true });
  for (const { property } of validateSync(config, { skipMissingProperties: true })) {
    const { takes, secret } = variables.get(property) as Variable;
    const got = secret ? 'a value that is not shown' : `"${given[property]}"`;
    throw new ConfigError(`${property} must be ${takes}, got ${got}`);
  }
  return config;
};

/** The configuration as it may be logged: secrets and URLs are only said to be set. */
export const describeConfig = (config: object): Record<string, unknown> => {
  const variables = variablesOf(config.constructor as new () => object);
  return Object.fromEntries(
    Object.entries(config)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, variables.get(name)?.secret ? '(set)' : value]),
  );
};
