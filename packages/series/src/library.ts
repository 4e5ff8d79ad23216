import { createHash } from 'node:crypto';
import { DENIED } from '@millrace/streams/redis/internal';
import { REGISTER } from './catalogue-functions.js';
import { ADD, RANGE } from './plain/functions.js';

/** The library's functions and whether they write. */
const FUNCTIONS = {
  add: { writes: true },
  range: { writes: false },
  register: { writes: true },
  denied: { writes: false },
} as const;

/** A function of the library. */
export type FunctionName = keyof typeof FUNCTIONS;

const BODY = [ADD, RANGE, REGISTER, DENIED].join('');
const HASH = createHash('sha256').update(BODY).update(JSON.stringify(FUNCTIONS)).digest('hex').slice(0, 12);

/** Named by its content, so that two versions of Millrace run side by side on one Redis. */
export const LIBRARY_NAME = `millrace_series_${HASH}`;

/** The name a function has in Redis. */
export const functionName = (name: FunctionName): string => `${LIBRARY_NAME}_${name}`;

// The callback is written as a literal of one line: js-redis-server takes no other form.
const registration = (name: FunctionName): string =>
  `redis.register_function{function_name='${functionName(name)}', ` +
  `callback=function(keys, args) return ${name}(keys, args) end, ` +
  `flags={${FUNCTIONS[name].writes ? '' : "'no-writes'"}}}`;

/** Source of the library, for FUNCTION LOAD. */
export const LIBRARY = `#!lua name=${LIBRARY_NAME}\n${BODY}\n${(Object.keys(FUNCTIONS) as FunctionName[])
  .map(registration)
  .join('\n')}\n`;

/** All of them as one script, whose last argument says which: for a user who may load no library. */
export const SCRIPT = `#!lua\n${BODY}
local name = ARGV[#ARGV]
ARGV[#ARGV] = nil
return ({ ${Object.keys(FUNCTIONS)
  .map((name) => `${name} = ${name}`)
  .join(', ')} })[name](KEYS, ARGV)
`;

/** By which Redis knows the script once it was sent. */
export const SCRIPT_SHA = createHash('sha1').update(SCRIPT).digest('hex');

/** The commands that its functions run. */
export const COMMANDS: readonly string[] = [
  ...new Set([...BODY.matchAll(/redis\.p?call\('([A-Z]+)'/g)].map(([, command]) => command as string)),
];
