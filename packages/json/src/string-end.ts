/** Behind the quote that ends a JSON string, which begins at `open`; -1 where nothing does. */
export const endOfString = (text: string, open: number): number => {
  // No regular expression: those run out of stack in a long text.
  for (let end = text.indexOf('"', open + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes += 1;
    if (escapes % 2 === 0) return end + 1;
  }
  return -1;
};

const BACKSLASH = 0x5c;
