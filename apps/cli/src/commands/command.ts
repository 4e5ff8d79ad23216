import type { Command } from 'commander';
import type { Context } from '../context.js';

/** Makes an action of commander out of one of ours, which gets what it works with first. */
export type Run = (
  action: (context: Context, ...args: never[]) => Promise<void>,
) => (...args: unknown[]) => Promise<void>;

export type Group = (program: Command, run: Run) => void;

const examples = new WeakMap<Command, readonly string[]>();

/** The examples of a command, for its help and for docs/cli.md. */
export const examplesOf = (command: Command): readonly string[] => examples.get(command) ?? [];

export const withExamples = (command: Command, ...lines: readonly string[]): Command => {
  examples.set(command, lines);
  return command.addHelpText('after', ['', 'Examples:', ...lines.map((one) => `  ${one}`)].join('\n'));
};
