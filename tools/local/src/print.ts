import { styleText } from 'node:util';

const WIDTH = 16;
const PLAIN_FIELDS = new Set(['level', 'time', 'hop', 'msg', 'pid', 'hostname']);

type Style = Parameters<typeof styleText>[0];
const STYLES: Readonly<Record<string, Style>> = { warn: 'yellow', error: 'red', fatal: 'red', debug: 'gray' };

const coloured = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;

/** The text in a style, where the output is a terminal. */
export const style = (format: Style, text: string): string => (coloured ? styleText(format, text) : text);

export const print = (text = ''): void => {
  process.stdout.write(`${text}\n`);
};

const clock = (time: Date): string => time.toTimeString().slice(0, 8);

/** One line of the common log: time, who, what. */
export const printAs = (name: string, text: string, level = 'info'): void => {
  const tint = STYLES[level];
  print(
    `${style('gray', clock(new Date()))} ${style('cyan', name.padEnd(WIDTH))} ${tint === undefined ? text : style(tint, text)}`,
  );
};

const show = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const message = (value as { message?: unknown } | null)?.message;
  return typeof message === 'string' ? message : (JSON.stringify(value) ?? '');
};

/** Prints a line that a process of that name wrote: one of JSON as its message and fields, any other as it is. */
export const printLine = (name: string, line: string): void => {
  const record = parse(line);
  if (record === undefined) {
    printAs(name, line, 'warn');
    return;
  }
  const fields = Object.entries(record).filter(([key]) => !PLAIN_FIELDS.has(key));
  const rest = fields.map(([key, value]) => ` ${style('gray', `${key}=`)}${show(value)}`).join('');
  printAs(name, `${String(record.msg ?? '')}${rest}`, String(record.level));
};

const parse = (line: string): Record<string, unknown> | undefined => {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined; // Half a line, as a process that is killed leaves it: shown as it is.
  }
};
