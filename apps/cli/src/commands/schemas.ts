import type { Context } from '../context.js';
import { Failure } from '../errors.js';
import { type Group, withExamples } from './command.js';

export const addSchemas: Group = (program, run) => {
  const schemas = program.command('schemas').description('validate schemas');
  withExamples(
    schemas
      .command('validate')
      .description('validate a schemas file offline, for CI')
      .argument('<file>', 'YAML, or - for standard input')
      .action(run(validate)),
    'millrace schemas validate schemas.yaml',
  );
};

const validate = async (context: Context, file: string): Promise<void> => {
  const text = await context.read(file);
  const [{ SCHEMAS }, { DefinitionError, parseFile }] = await Promise.all([
    import('@millrace/schemas'),
    import('@millrace/definitions'),
  ]);
  try {
    const types = parseFile(SCHEMAS, text, file).map(({ type, mode }) => ({ type, mode }));
    context.print({ valid: true, types }, () => `${file}: schemas of ${types.length} types, all valid`);
  } catch (error) {
    if (error instanceof DefinitionError) throw new Failure(error.message);
    throw error;
  }
};
