import { type DefinitionFile, Follower, type FollowerOptions } from '../follow/follower.js';
import { nameOf } from '../kind/kind.js';

/** A file that a test writes. */
export class TestFile implements DefinitionFile {
  readonly path = 'definitions.yaml';
  private text: string | undefined;
  private isRemoved = false;

  write(text: string): void {
    this.text = text;
    this.isRemoved = false;
  }

  remove(): void {
    this.isRemoved = true;
  }

  async changed(): Promise<string | undefined> {
    if (this.isRemoved) throw new Error(`${this.path}: cannot be read: ENOENT`);
    const { text } = this;
    this.text = undefined;
    return text;
  }
}

/** A follower, what it said, and what is live by it. */
export class Watched<D extends object, W extends object> {
  readonly lines: string[] = [];
  readonly follower: Follower<D, W>;
  private definitions: readonly D[] = [];

  constructor(options: Pick<FollowerOptions<D, W>, 'store' | 'file'>, read: (definition: D) => number) {
    const say = (level: string) => (message: string) => void this.lines.push(`${level} ${message}`);
    this.follower = new Follower({
      ...options,
      log: { debug: (_, message) => say('debug')(message), info: say('info'), warn: say('warn'), error: say('error') },
      onChange: ({ definitions }) => {
        this.definitions = definitions;
      },
    });
    this.inForce = () =>
      Object.fromEntries(this.definitions.map((one) => [nameOf(options.store.kind, one), read(one)]));
  }

  /** Which of its samples each name is. */
  readonly inForce: () => Record<string, number>;

  /** What it said that begins so. */
  said(start: string): string[] {
    return this.lines.filter((line) => line.startsWith(start));
  }
}
