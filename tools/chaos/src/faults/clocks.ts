import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LIBRARIES = '/usr/lib';

/** Debian's libfaketime, which gives a process a wall clock of its own; undefined where it is not installed. */
const library = (): string | undefined =>
  existsSync(LIBRARIES)
    ? readdirSync(LIBRARIES)
        .map((folder) => join(LIBRARIES, folder, 'faketime/libfaketime.so.1'))
        .find((path) => existsSync(path))
    : undefined;

/** The wall clock of one service, whose processes all read one file. */
export class WallClock {
  private static readonly library = library();
  private readonly file: string;

  constructor(folder: string, label: string) {
    this.file = join(folder, `${label}.clock`);
    this.shift(0);
  }

  /** Whether clocks can be set here. */
  static get canBeSet(): boolean {
    return WallClock.library !== undefined;
  }

  /** For the processes that are to have it. */
  get env(): Readonly<Record<string, string>> {
    if (WallClock.library === undefined) return {};
    return {
      LD_PRELOAD: WallClock.library,
      FAKETIME_TIMESTAMP_FILE: this.file,
      // The file is read once a second; clocks that only go forward stay as they are.
      ...{ FAKETIME_CACHE_DURATION: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' },
    };
  }

  /** Sets it so many milliseconds ahead of the machine's. */
  shift(byMs: number): void {
    writeFileSync(this.file, `${byMs < 0 ? '-' : '+'}${Math.abs(byMs) / 1000}\n`);
  }
}
