import type { Argument, Command, Option } from 'commander';
import { examplesOf } from './commands/command.js';

/** From here on docs/cli.md is made of the commands themselves. */
const MARK = '<!-- From here on: npm run docs -w apps/cli -->';

/** The page with the part about the commands made anew. Throws where it does not say where that begins. */
export const withReference = (page: string, program: Command): string => {
  const at = page.indexOf(MARK);
  if (at < 0) throw new Error(`the page has no line ${MARK}`);
  return `${page.slice(0, at + MARK.length)}\n\n${referenceOf(program)}\n`;
};

const referenceOf = (program: Command): string => {
  const own = program.commands;
  const globals = optionsOf(program, isGlobal);
  return [
    '## Options of every command',
    '',
    ...tableOf(['option', ''], globals.map(optionRow)),
    '',
    ...own.flatMap((command) => sectionOf(command, 'millrace', 2)),
  ]
    .join('\n')
    .trimEnd();
};

/** Those under a heading of their own are the same everywhere. */
const isGlobal = ({ helpGroupHeading }: Option): boolean => helpGroupHeading !== undefined;

const optionsOf = (command: Command, which: (option: Option) => boolean): Option[] =>
  command.options.filter((one) => which(one) && !one.hidden);

const sectionOf = (command: Command, above: string, depth: number): string[] => {
  const path = `${above} ${command.name()}`;
  const examples = examplesOf(command);
  const options = optionsOf(command, (one) => !isGlobal(one));
  const isGroup = command.commands.length > 0;
  return [
    `${'#'.repeat(depth)} ${path}`,
    '',
    `${sentence(command.description())}`,
    '',
    ...(isGroup
      ? []
      : [
          '```',
          `${path} ${options.length === 0 ? command.usage().replace(/\[options\] ?/, '') : command.usage()}`.trim(),
          '```',
          '',
        ]),
    ...(command.registeredArguments.some(({ description }) => description !== '')
      ? [...tableOf(['argument', ''], command.registeredArguments.map(argumentRow)), '']
      : []),
    ...(options.length === 0 ? [] : [...tableOf(['option', ''], options.map(optionRow)), '']),
    ...(examples.length === 0 ? [] : ['```sh run', ...examples, '```', '']),
    ...command.commands.flatMap((one) => sectionOf(one, path, depth + 1)),
  ];
};

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const argumentRow = (argument: Argument): string[] => [`\`${argument.name()}\``, aboutOf(argument)];
const optionRow = (option: Option): string[] => [`\`${option.flags}\``, aboutOf(option)];

const aboutOf = ({ description, argChoices, defaultValue }: Argument | Option): string => {
  const choices = argChoices === undefined ? '' : ` (${argChoices.join(', ')})`;
  const standard = defaultValue === undefined || defaultValue === false ? '' : `; ${defaultValue} without it`;
  return `${description}${choices}${standard}`.trim();
};

/** In columns as wide as they need to be, as the formatter has them. */
const tableOf = (header: readonly string[], rows: readonly (readonly string[])[]): string[] => {
  const cells = [header, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = header.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const [head, ...body] = cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column] as number)));
  const rule = widths.map((width) => '-'.repeat(width));
  return [head as string[], rule, ...body].map((row) => `| ${row.join(' | ')} |`);
};
