/** A page of a list, or of lists, of the admin API. */
interface Page {
  readonly next: string | null;
}

/** Lists to their end: the answer to the first page, with all that the pages after it list. `ask` gives the page at a cursor. */
export const wholeList = async <T extends Page>(ask: (cursor?: string) => Promise<T>): Promise<Omit<T, 'next'>> => {
  // Consoles before 0.2 give all at once, and no `next`.
  const { next: first = null, ...whole } = await ask();
  for (let cursor: string | null = first; cursor !== null; ) {
    const { next, ...page } = await ask(cursor);
    for (const [member, more] of Object.entries(page)) {
      if (Array.isArray(more)) (whole as Record<string, unknown[]>)[member]?.push(...more);
    }
    cursor = next;
  }
  return whole;
};
