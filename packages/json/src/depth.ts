/** Most levels of JSON and YAML that are read anywhere: what walks a value has a stack of its own to think of. */
export const MAX_DEPTH = 512;

/** Whether the brackets of a JSON text, outside its strings, are nested deeper than that. One pass, and nothing is parsed. */
export const isTooDeep = (json: string, most: number = MAX_DEPTH): boolean => {
  let level = 0;
  for (let i = 0; i < json.length; i += 1) {
    const c = json.charCodeAt(i);
    if (c === QUOTE) i = closingQuote(json, i);
    else if (c === OPEN_BRACKET || c === OPEN_BRACE) {
      level += 1;
      if (level > most) return true;
    } else if (c === CLOSE_BRACKET || c === CLOSE_BRACE) level -= 1;
  }
  return false;
};

const QUOTE = 0x22;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const closingQuote = (json: string, open: number): number => {
  let i = open + 1;
  for (; i < json.length; i += 1) {
    const c = json.charCodeAt(i);
    if (c === QUOTE) return i;
    if (c === BACKSLASH) i += 1;
  }
  return i;
};
