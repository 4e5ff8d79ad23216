import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { pathOf, textOf } from '../repository.js';
import { type Block, blocksOf, GUIDES } from './pages.js';

/**
 * The TypeScript of the pages. A fence may say more than the language: `run`, and the block is run too, and prints what the comments
 * behind its `console.log` say; `of PATH`, and it is a part of that file, word for word; `file NAME`, by which later blocks of
 * the page import it.
 */
const BLOCKS = GUIDES.flatMap(blocksOf).filter(({ language }) => language === 'ts');
const WHOLE = BLOCKS.filter(({ marks }) => !marks.startsWith('of '));

/** Where a block would be, beside its page: it sees the packages that its page's package sees. */
const placeOf = ({ page, line, marks }: Block): string =>
  pathOf(
    join(dirname(page), /^file (\S+)$/.exec(marks)?.[1] ?? `block-of-line-${line}-${page.replace(/\W/g, '-')}.ts`),
  );

const OPTIONS: ts.CompilerOptions = {
  ...ts.convertCompilerOptionsFromJson(
    ts.parseConfigFileTextToJson('', textOf('tsconfig.base.json')).config.compilerOptions,
    pathOf('.'),
  ).options,
  noEmit: true,
  composite: false,
  incremental: false,
  declaration: false,
  skipLibCheck: true,
  types: ['node'],
  noUnusedLocals: false,
  noUnusedParameters: false,
};

/** What the compiler says of all blocks together, by the page and line where it is. */
const complaints = (): string[] => {
  const virtual = new Map(WHOLE.map((block) => [placeOf(block), block]));
  const host = ts.createCompilerHost(OPTIONS);
  const { fileExists, readFile } = host;
  host.fileExists = (path) => virtual.has(path) || fileExists(path);
  host.readFile = (path) => virtual.get(path)?.text ?? readFile(path);
  host.getSourceFile = (path, language) => {
    const text = host.readFile(path);
    return text === undefined ? undefined : ts.createSourceFile(path, text, language);
  };
  const program = ts.createProgram([...virtual.keys()], OPTIONS, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const block = virtual.get(file?.fileName ?? '');
    const line = file?.getLineAndCharacterOfPosition(start).line ?? 0;
    return `${block?.page ?? file?.fileName}:${(block?.line ?? 0) + line + 1}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
};

/** What the comments behind `console.log` say that it prints. */
const printedBy = (text: string): string[] =>
  [...text.matchAll(/^\s*console\.log\(.*\); \/\/ (.*)$/gm)].map(([, said = '']) => said);

describe('the TypeScript of the pages', () => {
  it('compiles as it is', () => {
    expect(complaints()).toEqual([]);
  }, 120_000);

  const named = ({ page, line }: Block): [string] => [`${page}:${line}`];
  const parts = BLOCKS.filter(({ marks }) => marks.startsWith('of '));
  it.each(parts.map((block) => [...named(block), block] as const))('%s is what the file has', (_, { marks, text }) => {
    const withoutIndent = (of: string): string => of.replace(/^ +/gm, '');
    expect(withoutIndent(textOf(marks.slice('of '.length)))).toContain(withoutIndent(text));
  });

  const runnable = BLOCKS.filter(({ marks }) => marks === 'run');
  it.each(runnable.map((block) => [...named(block), block] as const))('%s prints what it says', (_, { page, text }) => {
    const code = ts.transpileModule(text, { compilerOptions: { ...OPTIONS, module: ts.ModuleKind.ESNext } }).outputText;
    const run = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
      cwd: pathOf(dirname(page)),
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect(run.stderr).toBe('');
    expect(run.stdout.trimEnd().split('\n')).toEqual(printedBy(text));
  });

  it('has no other marks', () => {
    const known = /^(|run|of \S+|file \S+)$/;
    expect(
      BLOCKS.filter(({ marks }) => !known.test(marks)).map(({ page, line, marks }) => `${page}:${line}: ${marks}`),
    ).toEqual([]);
  });
});
