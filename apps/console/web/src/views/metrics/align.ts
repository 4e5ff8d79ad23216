export type Points = readonly { readonly timestampMs: number; readonly value: number }[];

/** Several series over one row of times; null where a series has no point. */
export const align = (all: readonly Points[]): { readonly times: number[]; readonly rows: (number | null)[][] } => {
  const times = [...new Set(all.flatMap((points) => points.map(({ timestampMs }) => timestampMs)))].sort(
    (a, b) => a - b,
  );
  const rows = all.map((points) => {
    const at = new Map(points.map(({ timestampMs, value }) => [timestampMs, value]));
    return times.map((time) => at.get(time) ?? null);
  });
  return { times, rows };
};
