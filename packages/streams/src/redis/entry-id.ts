/** Compares entry ids as Redis orders them: by milliseconds, then by sequence. */
export const byId = (a: string, b: string): number => {
  const [aMs, aSeq] = a.split('-') as [string, string];
  const [bMs, bSeq] = b.split('-') as [string, string];
  return Number(aMs) - Number(bMs) || Number(aSeq) - Number(bSeq);
};
