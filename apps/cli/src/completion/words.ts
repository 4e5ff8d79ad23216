import type { Command, Option } from 'commander';

/** A word that can come next, and what it is. */
export interface Word {
  readonly word: string;
  readonly about: string;
}

/** What can come after a command. */
export interface CommandPoint {
  /** The words of the command, as `millrace dlq redrive`. */
  readonly path: string;
  readonly commands: readonly Word[];
  readonly options: readonly Word[];
  /** Options that take a value, in both forms, and the values where those are known. */
  readonly valued: readonly { readonly flags: readonly string[]; readonly choices: readonly string[] }[];
  /** Values of the first argument, where those are known. */
  readonly choices: readonly string[];
}

const flagsOf = ({ short, long }: Option): string[] => [short, long].filter((one) => one !== undefined);

/** Every command of a tree, with what can come after it. */
export const commandPointsOf = (command: Command, above = ''): CommandPoint[] => {
  const path = `${above} ${command.name()}`.trim();
  const options = command.createHelp().visibleOptions(command);
  return [
    {
      path,
      commands: command
        .createHelp()
        .visibleCommands(command)
        .map((one) => ({ word: one.name(), about: one.description() })),
      options: options.map((one) => ({ word: one.long ?? (one.short as string), about: one.description })),
      valued: options
        .filter((one) => one.required || one.optional)
        .map((one) => ({ flags: flagsOf(one), choices: one.argChoices ?? [] })),
      choices: command.registeredArguments[0]?.argChoices ?? [],
    },
    ...command.commands.flatMap((one) => commandPointsOf(one, path)),
  ];
};

/** Options that take a value anywhere, for what walks along the words of a line. */
export const allValued = (places: readonly CommandPoint[]): string[] => [
  ...new Set(places.flatMap(({ valued }) => valued.flatMap(({ flags }) => flags))),
];

/** The options of a place with values that are known. */
export const withChoices = (
  places: readonly CommandPoint[],
): { readonly path: string; readonly flags: readonly string[]; readonly choices: readonly string[] }[] =>
  places.flatMap(({ path, valued }) =>
    valued.filter(({ choices }) => choices.length > 0).map(({ flags, choices }) => ({ path, flags, choices })),
  );
