import { allValued, type CommandPoint, type Word, withChoices } from './words.js';

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** `_describe` takes a word and what it is with a colon between them. */
const described = ({ word, about }: Word): string =>
  quoted(`${word.replaceAll(':', '\\:')}:${about.replaceAll(':', '\\:')}`);

/** Completion for zsh: to be evaluated, or a file `_millrace` of fpath. */
export const zshCompletion = (places: readonly CommandPoint[]): string => `#compdef millrace
# millrace completion zsh
_millrace() {
  local at=millrace i
  local -a words_here flags_here
  for ((i = 2; i < CURRENT; i++)); do
    case "\${words[i]}" in
      ${allValued(places).join('|')}) ((i++)); continue ;;
    esac
    case "$at \${words[i]}" in
      ${places.map(({ path }) => quoted(path)).join('|')}) at="$at \${words[i]}" ;;
    esac
  done
  case "$at \${words[CURRENT-1]}" in
${withChoices(places)
  .map(({ path, flags, choices }) => {
    const cases = flags.map((flag) => quoted(`${path} ${flag}`)).join('|');
    return `    ${cases}) compadd -- ${choices.join(' ')}; return ;;`;
  })
  .join('\n')}
  esac
  case "\${words[CURRENT-1]}" in
    ${allValued(places).join('|')}) _files; return ;;
  esac
  case "$at" in
${places
  .map(({ path, commands, options, choices }) => {
    const words = [...commands, ...choices.map((word) => ({ word, about: '' }))].map(described).join(' ');
    return `    ${quoted(path)}) words_here=(${words}); flags_here=(${options.map(described).join(' ')}) ;;`;
  })
  .join('\n')}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then _describe -o option flags_here
  elif (( \${#words_here} )); then _describe command words_here
  else _files
  fi
}
if [[ "\${funcstack[1]}" == _millrace ]]; then _millrace "$@"; else compdef _millrace millrace; fi
`;
