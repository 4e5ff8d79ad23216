import { allValued, type CommandPoint, type Word } from './words.js';

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

const rule = (path: string, ...rest: readonly string[]): string =>
  [`complete -c millrace -n ${quoted(`__millrace_at ${quoted(path)}`)}`, ...rest].join(' ');

const commandRule = (path: string, { word, about }: Word): string => rule(path, '-f', '-a', word, '-d', quoted(about));

const optionRules = ({ path, options, valued }: CommandPoint): string[] =>
  options.map(({ word, about }) => {
    const value = valued.find(({ flags }) => flags.includes(word));
    const takes =
      value === undefined
        ? []
        : ['-r', ...(value.choices.length === 0 ? [] : ['-f', '-a', quoted(value.choices.join(' '))])];
    return rule(path, '-l', word.replace(/^--/, ''), ...takes, '-d', quoted(about));
  });

export const fishCompletion = (places: readonly CommandPoint[]): string => `# millrace completion fish
function __millrace_at
  set -l at millrace
  set -l skip 0
  for word in (commandline -opc)[2..-1]
    if test $skip = 1
      set skip 0
      continue
    end
    switch $word
      case ${allValued(places).join(' ')}
        set skip 1
        continue
    end
    switch "$at $word"
      case ${places.map(({ path }) => quoted(path)).join(' ')}
        set at "$at $word"
    end
  end
  test "$at" = "$argv[1]"
end
${places
  .flatMap((place) => [
    ...place.commands.map((one) => commandRule(place.path, one)),
    ...place.choices.map((word) => commandRule(place.path, { word, about: '' })),
    ...optionRules(place),
  ])
  .join('\n')}
`;
