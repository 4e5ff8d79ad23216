/** Compares entry ids as Redis orders them: by milliseconds, then by sequence. */
export const byId = (a: string, b: string): number => {
  const dash = a.indexOf('-');
  // Ids of one time have one length, and then text sorts as they do: every event passes here.
  if (a.length === b.length && b.charCodeAt(dash) === 0x2d) return a < b ? -1 : Number(a > b);
  const [aMs, aSeq] = a.split('-') as [string, string];
  const [bMs, bSeq] = b.split('-') as [string, string];
  return Number(aMs) - Number(bMs) || Number(aSeq) - Number(bSeq);
};

/** Compares positions: by entry, then by index in it. */
export const byPosition = (a: string, b: string): number => {
  const [[aId, aIndex], [bId, bIndex]] = [a.split('.'), b.split('.')] as [[string, string?], [string, string?]];
  return byId(aId, bId) || Number(aIndex ?? 0) - Number(bIndex ?? 0);
};
