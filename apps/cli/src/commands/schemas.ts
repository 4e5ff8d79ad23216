import { parseSchemaFile, SchemaError } from '@millrace/schemas';
import type { Command } from 'commander';
import { type Context, UsageError } from '../context.js';

type Run = (action: (context: Context, ...args: never[]) => Promise<void>) => (...args: unknown[]) => Promise<void>;

/** `millrace schemas …` */
export const addSchemas = (program: Command, run: Run): void => {
  const schemas = program.command('schemas').description('Check schemas');
  schemas
    .command('validate')
    .description('check a file of schemas; needs no console, so CI can')
    .argument('<file>', 'YAML, or - for standard input')
    .action(run(validate));
};

const validate = async (context: Context, file: string): Promise<void> => {
  const text = await context.read(file);
  try {
    const types = parseSchemaFile(text, file).map(({ type, mode }) => ({ type, mode }));
    context.print({ valid: true, types }, () => `${file}: schemas of ${types.length} types, all valid`);
  } catch (error) {
    if (error instanceof SchemaError) throw new UsageError(error.message);
    throw error;
  }
};
