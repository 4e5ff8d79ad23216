import { PeriodicTask, Unavailable } from '@millrace/streams';
import { called, type Kind, nameOf, pluralOf, type Written } from '../kind/kind.js';
import { parseFile } from '../kind/parse-all.js';
import type { DefinitionSet, DefinitionStore } from '../store.js';
import { type BySource, type Source, withPrecedence } from './precedence.js';

const LOOK_EVERY_MS = 1000;

/** A file that is read again when it changes, as `WatchedFile` of the host. */
export interface DefinitionFile {
  readonly path: string;
  /** Its text if it changed since the last call, else undefined. Rejects in one sentence where it cannot be read. */
  changed(): Promise<string | undefined>;
}

/** Where a follower says what it does. */
export interface FollowerLog {
  debug(detail: object, message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** The definitions that are used at a moment. */
export interface InForce<D> {
  /** Of those in Redis; undefined while Redis was not read yet. */
  readonly version: number | undefined;
  readonly definitions: readonly D[];
  /** Those of the file alone. */
  readonly fromFile: readonly D[];
  /** Where each is written, by name. */
  readonly sources: ReadonlyMap<string, Source>;
}

/** What a follower follows, and whom it tells. */
export interface FollowerOptions<D extends object, W extends object> {
  readonly store: DefinitionStore<D, W>;
  readonly file?: DefinitionFile | undefined;
  /** Of the environment: used where the file has none of that name. */
  readonly environment?: readonly D[];
  readonly log: FollowerLog;
  /** Told at the start, and whenever something changed. */
  readonly onChange: (now: InForce<D>) => void;
  /** Reads what goes with those in Redis, and says whether that changed: only with it is live what was read. */
  readonly beside?: () => Promise<boolean>;
  /** Called after Redis was asked and followers were told. */
  readonly onLooked?: () => Promise<void>;
}

/**
 * Follows the definitions of a kind: those of a file, those of the environment, and those in Redis; where a name is in several, the first of
 * these has it. Looks for changes every second, one look at a time. A file that is not valid leaves those before it in
 * force, and so does a stored definition where its kind says so; either is reported.
 */
export class Follower<D extends object, W extends object = Written> {
  private written: BySource<D>;
  private version: number | undefined;
  /** Those of that version, until what goes with them was read too. */
  private stored: readonly D[] = [];
  private isPending = false;
  private isKnown = false;
  private failure: unknown;
  private looking: Promise<void> | undefined;
  private next: Promise<void> | undefined;
  /** What is wrong now is reported once, and not at every look. */
  private readonly reported = { file: '', Redis: '' };
  private readonly kind: Kind<D, W>;
  private readonly following = new PeriodicTask(() => this.look(), {
    everyMs: LOOK_EVERY_MS,
    onError: (error) => this.report('Redis', error),
  });

  constructor(private readonly options: FollowerOptions<D, W>) {
    this.kind = options.store.kind;
    this.written = { environment: options.environment ?? [] };
  }

  /** Whether it is known which there are: Redis was asked once. */
  get isComplete(): boolean {
    return this.isKnown;
  }

  /** Reads the file, which has to be valid now, and begins to look for changes. Rejects in one sentence. */
  async start(): Promise<void> {
    await this.readFile();
    this.apply();
    await this.look();
    this.following.start(LOOK_EVERY_MS);
  }

  /** Resolves when a look in progress has ended. */
  stop(): Promise<void> {
    return this.following.stop();
  }

  /** Looks now: whatever was changed before the call is seen. Never rejects. */
  look(): Promise<void> {
    this.next ??= (this.looking ?? Promise.resolve()).then(() => {
      this.next = undefined;
      this.looking = this.lookOnce().finally(() => {
        this.looking = undefined;
      });
      return this.looking;
    });
    return this.next;
  }

  /** Resolves when it is known which there are. Rejects with `Unavailable` where Redis cannot be asked. */
  async known(): Promise<void> {
    if (!this.isKnown) await (this.looking ?? this.look());
    if (!this.isKnown) throw this.failure;
  }

  private async lookOnce(): Promise<void> {
    try {
      if (await this.readFile()) this.apply();
    } catch (error) {
      this.report('file', error as Error);
    }
    try {
      await this.lookAtRedis();
      await this.options.onLooked?.();
    } catch (error) {
      this.failure = error;
      if (!(error instanceof Unavailable)) this.report('Redis', error as Error);
      else this.options.log.debug({ err: error.message }, `cannot read ${this.plural} from Redis; retrying`);
    }
  }

  private async readFile(): Promise<boolean> {
    const { file, log } = this.options;
    const text = await file?.changed();
    if (file === undefined || text === undefined) {
      this.reported.file = '';
      return false;
    }
    const definitions = parseFile(this.kind, text, file.path);
    this.written = { ...this.written, file: definitions };
    this.reported.file = '';
    log.info(`${definitions.length} ${this.plural} from ${file.path}`);
    return true;
  }

  private async lookAtRedis(): Promise<void> {
    if (await this.readStored()) this.isPending = true;
    if (await this.options.beside?.()) this.isPending = true;
    this.isKnown = true;
    this.reported.Redis = '';
    if (!this.isPending) return;
    this.isPending = false;
    this.written = { ...this.written, Redis: this.stored };
    this.apply();
  }

  private async readStored(): Promise<boolean> {
    const { store, log } = this.options;
    if ((await store.version()) === this.version) return false;
    const set = await store.read();
    this.stored = this.usable(set);
    this.version = set.version;
    if (set.version > 0) log.info(`${this.stored.length} ${this.plural} from Redis, version ${set.version}`);
    return true;
  }

  /** Those that are stored, and in the place of what cannot be used what was there before, where that is to be so. */
  private usable({ definitions, invalid }: DefinitionSet<D>): readonly D[] {
    const before = new Map(this.stored.map((one) => [nameOf(this.kind, one), one]));
    const kept: D[] = [];
    for (const { name, error } of invalid) {
      const last = this.kind.keepsLast ? before.get(name) : undefined;
      if (last !== undefined) kept.push(last);
      this.options.log.error(
        last === undefined ? error.message : `keeping the last valid ${called(this.kind, name)}: ${error.message}`,
      );
    }
    return [...definitions, ...kept];
  }

  private apply(): void {
    const { definitions, sources, duplicates } = withPrecedence(this.kind, this.written);
    for (const { name, used, ignored } of duplicates) {
      const [first, second] = [this.placeOf(used), this.placeOf(ignored)];
      this.options.log.warn(
        `${called(this.kind, name)} is defined in ${first} and in ${second}; ${first} takes precedence`,
      );
    }
    this.options.onChange({ version: this.version, definitions, fromFile: this.written.file ?? [], sources });
  }

  private placeOf(source: Source): string {
    if (source === 'file') return this.kind.file ?? 'the file';
    return source === 'environment' ? 'the environment' : source;
  }

  private report(source: 'file' | 'Redis', { message }: Error): void {
    if (message !== this.reported[source]) this.options.log.error(`keeping the last valid ${this.plural}: ${message}`);
    this.reported[source] = message;
  }

  private get plural(): string {
    return pluralOf(this.kind);
  }
}
