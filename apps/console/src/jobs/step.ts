const MOST_BYTES_A_STEP = 1024 * 1024;
/** Most that one step hands over. */
export const MOST_A_STEP = 500;
/** A second's worth is handed over in so many steps. */
const STEPS_A_SECOND = 10;

/** How many one step hands over, for so many a second. */
export const stepSize = (perSecond: number): number =>
  Math.min(MOST_A_STEP, Math.max(1, Math.ceil(perSecond / STEPS_A_SECOND)));

/** What of a page is one step: so many that are meant, of so many bytes together, and what is not meant before them. */
export const stepOf = <T>(
  page: readonly T[],
  most: number,
  isMeant: (one: T) => boolean,
  bytesOf: (one: T) => number,
): { looked: number; meant: T[] } => {
  const meant: T[] = [];
  let bytes = 0;
  for (const [looked, one] of page.entries()) {
    if (!isMeant(one)) continue;
    bytes += bytesOf(one);
    if (meant.length === most || (meant.length > 0 && bytes > MOST_BYTES_A_STEP)) return { looked, meant };
    meant.push(one);
  }
  return { looked: page.length, meant };
};
