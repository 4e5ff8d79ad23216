import { createHash } from 'node:crypto';
import { commandsOf } from './function-commands.js';
import { DENIED } from './lua/denied.js';

/**
 * Whether a function may run when Redis is full: what empties it may, what fills it may not. One that only reads is for who
 * may only read, too.
 */
export interface FunctionTraits {
  readonly whenFull: boolean;
  readonly reads?: true;
}

/** A script, and by which name Redis knows it once it was sent. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

/** Every library has it: `Functions` asks it before the first call of another one. */
const OF_ALL = { denied: { whenFull: true, reads: true } } as const;

/** Functions that are loaded together, and the same as scripts for where they cannot be. */
export class FunctionLibrary<Name extends string> {
  /** Named by its content, so that two versions of Millrace run side by side on one Redis. */
  readonly name: string;
  /** For FUNCTION LOAD. */
  readonly source: string;
  readonly functions: readonly (Name | 'denied')[];
  private readonly body: string;
  private readonly traits: Readonly<Record<Name | 'denied', FunctionTraits>>;
  private readonly whenFull: Script;
  private readonly others: Script;

  constructor(
    /** What its name begins with. */
    private readonly prefix: string,
    /** Lua: each function is a `local function NAME(keys, args)`. */
    parts: readonly string[],
    traits: Readonly<Record<Name, FunctionTraits>>,
  ) {
    this.body = [...parts, DENIED].join('');
    this.traits = { ...traits, ...OF_ALL };
    this.functions = Object.keys(this.traits) as (Name | 'denied')[];
    const hash = createHash('sha256').update(this.body).update(JSON.stringify(this.traits)).digest('hex').slice(0, 12);
    this.name = `${prefix}_${hash}`;
    const registrations = this.functions.map((name) => this.registration(name));
    this.source = `#!lua name=${this.name}\n${this.body}\n${registrations.join('\n')}\n`;
    // A full Redis loads no library, but runs a script that says it may.
    this.whenFull = this.scriptOf((name) => this.runsWhenFull(name), ' flags=allow-oom');
    this.others = this.scriptOf((name) => !this.runsWhenFull(name), '');
  }

  /** Whether a library of this name is another version of this one. */
  isOtherVersion(name: string): boolean {
    const [, prefix] = /^(\w+)_[0-9a-f]{12}$/.exec(name) ?? [];
    return prefix === this.prefix && name !== this.name;
  }

  /** The name a function has in Redis. */
  functionName(name: Name | 'denied'): string {
    return `${this.name}_${name}`;
  }

  /** Whether a function writes nothing: who may only read its keys may call it. */
  onlyReads(name: Name | 'denied'): boolean {
    return this.traits[name].reads === true;
  }

  /** Whether a function may run when Redis is full. */
  runsWhenFull(name: Name | 'denied'): boolean {
    return this.traits[name].whenFull;
  }

  /** The commands that a function cannot do without. */
  commandsOf(name: Name | 'denied'): readonly string[] {
    return commandsOf(this.body, name);
  }

  /** The script that holds a function: for where the library cannot be loaded. Its last argument says which function. */
  scriptFor(name: Name | 'denied'): Script {
    return this.runsWhenFull(name) ? this.whenFull : this.others;
  }

  // The callback is written as a literal of one line: js-redis-server takes no other form.
  private registration(name: Name | 'denied'): string {
    const flags = this.onlyReads(name) ? "'no-writes'" : this.runsWhenFull(name) ? "'allow-oom'" : '';
    return (
      `redis.register_function{function_name='${this.functionName(name)}', ` +
      `callback=function(keys, args) return ${name}(keys, args) end, flags={${flags}}}`
    );
  }

  private scriptOf(holds: (name: Name | 'denied') => boolean, shebang: string): Script {
    const names = this.functions.filter(holds);
    const text = `#!lua${shebang}\n${this.body}
local name = ARGV[#ARGV]
ARGV[#ARGV] = nil
return ({ ${names.map((name) => `${name} = ${name}`).join(', ')} })[name](KEYS, ARGV)
`;
    return { text, sha: createHash('sha1').update(text).digest('hex') };
  }
}
