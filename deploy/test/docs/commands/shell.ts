/** One program that a command line runs. */
export interface ShellCommand {
  /** Variables in front of it; a line of nothing else sets them for what follows. */
  readonly variables: Readonly<Record<string, string>>;
  /** The program and its arguments, without quotes. What another command would give stands as `$(…)`. */
  readonly words: readonly string[];
}

const ASSIGNMENT = /^([A-Za-z_]\w*)=(.*)$/s;
/** Words around the commands of a loop. */
const KEYWORDS = new Set(['do', 'done', 'then', 'fi']);

/** As much of the shell's grammar as the pages use. Throws where it ends in the middle of a word. */
class Reader {
  readonly commands: ShellCommand[] = [];
  private words: string[] = [];
  private at = 0;

  constructor(private readonly text: string) {}

  read(): readonly ShellCommand[] {
    while (this.at < this.text.length) this.step();
    this.endCommand();
    return this.commands;
  }

  private step(): void {
    const rest = this.text.slice(this.at);
    const skipped = /^(?:[ \t]+|\\\n|#.*)/.exec(rest)?.[0];
    const operator = /^(?:\n|&&|\|\||\||;|&(?!>))/.exec(rest)?.[0];
    const redirection = /^\d?(?:>>|>|<)(?![(])[ \t]*/.exec(rest)?.[0];
    if (skipped !== undefined) this.at += skipped.length;
    else if (operator !== undefined) {
      this.at += operator.length;
      this.endCommand();
    } else if (redirection !== undefined) {
      this.at += redirection.length;
      this.word();
    } else this.words.push(this.word());
  }

  /** A word, to the next space or operator. */
  private word(): string {
    let word = '';
    while (this.at < this.text.length) {
      const rest = this.text.slice(this.at);
      const substituted = /^[$<]\(/.test(rest);
      if (substituted) word += this.substitution();
      else if (rest.startsWith("'")) word += this.quoted(/^'([^']*)'/);
      else if (rest.startsWith('"')) word += this.inDoubleQuotes();
      else if (rest.startsWith('\\\n') || /^[\s;|&<>]/.test(rest)) break;
      else {
        word += rest[0];
        this.at += 1;
      }
    }
    return word;
  }

  private quoted(form: RegExp): string {
    const found = form.exec(this.text.slice(this.at));
    if (found === null) throw new SyntaxError(`a quote is not closed: ${this.text.slice(this.at, this.at + 40)}`);
    this.at += found[0].length;
    return found[1] as string;
  }

  private inDoubleQuotes(): string {
    this.at += 1;
    let text = '';
    while (this.text[this.at] !== '"') {
      if (this.at >= this.text.length) throw new SyntaxError('a quote is not closed');
      if (this.text.startsWith('$(', this.at)) text += this.substitution();
      else text += this.text[this.at++];
    }
    this.at += 1;
    return text;
  }

  /** `$(…)` and `<(…)`: the commands within are commands too. */
  private substitution(): string {
    const from = this.at + 2;
    let depth = 1;
    let end = from;
    for (; depth > 0; end += 1) {
      if (end >= this.text.length) throw new SyntaxError('a parenthesis is not closed');
      if (this.text[end] === '(') depth += 1;
      if (this.text[end] === ')') depth -= 1;
    }
    this.commands.push(...new Reader(this.text.slice(from, end - 1)).read());
    this.at = end;
    return '$(…)';
  }

  private endCommand(): void {
    const words = this.words.filter((word) => !KEYWORDS.has(word));
    this.words = [];
    const variables: Record<string, string> = {};
    for (let found = ASSIGNMENT.exec(words[0] ?? ''); found !== null; found = ASSIGNMENT.exec(words[0] ?? '')) {
      variables[found[1] as string] = found[2] as string;
      words.shift();
    }
    if (words.length > 0 || Object.keys(variables).length > 0) this.commands.push({ variables, words });
  }
}

/** The commands of a text, those within others first. */
export const commandsOf = (text: string): readonly ShellCommand[] => new Reader(text).read();
