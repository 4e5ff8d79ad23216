/** Commands of which the first argument is the half of their name. */
const CONTAINERS = ['XGROUP', 'XINFO'];

/** What Functions do without where it is refused. */
const OPTIONAL = ['XINFO CONSUMERS', 'XGROUP SETID'];

/**
 * The commands that a function of a library's source runs, itself or in local functions that it calls: `XADD`, `XINFO STREAM`. Those
 * that it can do without, and those that are arguments of a call, are not among them.
 */
export const commandsOf = (source: string, name: string): readonly string[] => {
  const bodies = bodiesIn(source);
  const reached = new Set<string>();
  const reach = (of: string): void => {
    const body = bodies.get(of);
    if (body === undefined || reached.has(of)) return;
    reached.add(of);
    for (const [called] of body.matchAll(/\w+(?=\()/g)) reach(called);
  };
  reach(name);
  const commands = new Set([...reached].flatMap((of) => commandsIn(bodies.get(of) as string)));
  return [...commands].filter((command) => !OPTIONAL.includes(command)).sort();
};

/** What stands from one local function to the next, by its name. */
const bodiesIn = (source: string): ReadonlyMap<string, string> => {
  const starts = [...source.matchAll(/^local function (\w+)/gm)];
  return new Map(starts.map((start, i) => [start[1] as string, source.slice(start.index, starts[i + 1]?.index)]));
};

const commandsIn = (body: string): string[] =>
  [...body.matchAll(/redis\.p?call\('([A-Z]+)'(?:, '([A-Z]+)')?/g)].map(([, command, half]) =>
    half !== undefined && CONTAINERS.includes(command as string) ? `${command} ${half}` : (command as string),
  );
