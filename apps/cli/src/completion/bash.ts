import { allValued, type CommandPoint, withChoices } from './words.js';

/** Completion for bash. After an option that takes a value it offers files, as everywhere where nothing is known. */
export const bashCompletion = (places: readonly CommandPoint[]): string => `# millrace completion bash
_millrace() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path=millrace i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      ${allValued(places).join('|')}) ((i++)); continue ;;
    esac
    case "$path \${COMP_WORDS[i]}" in
      ${places.map(({ path }) => `"${path}"`).join('|')}) path="$path \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$path $prev" in
${withChoices(places)
  .map(({ path, flags, choices }) => {
    const cases = flags.map((flag) => `"${path} ${flag}"`).join('|');
    return `    ${cases}) COMPREPLY=($(compgen -W "${choices.join(' ')}" -- "$cur")); return ;;`;
  })
  .join('\n')}
  esac
  case "$prev" in
    ${allValued(places).join('|')}) return ;;
  esac
  case "$path" in
${places
  .map(({ path, commands, options, choices }) => {
    const words = [...commands.map(({ word }) => word), ...choices].join(' ');
    const flags = options.map(({ word }) => word).join(' ');
    return `    "${path}") if [[ $cur == -* ]]; then set -- "${flags}"; else set -- "${words}"; fi ;;`;
  })
  .join('\n')}
  esac
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
}
complete -o default -F _millrace millrace
`;
