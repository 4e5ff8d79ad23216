/** A series without its points. */
interface Named {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What series can be asked for: metrics, and the values of every label. */
export interface SeriesLabels {
  /** Values of the label `metric`; names of series that have none. */
  readonly metrics: readonly string[];
  readonly labels: Readonly<Record<string, readonly string[]>>;
}

/** Metrics and labels of series, sorted. */
export const labelsOf = (series: readonly Named[]): SeriesLabels => {
  const values = new Map<string, Set<string>>();
  for (const [label, value] of series.flatMap(({ labels }) => Object.entries(labels))) {
    values.set(label, (values.get(label) ?? new Set()).add(value));
  }
  const sorted = (all: Iterable<string>) => [...all].sort();
  return {
    metrics: sorted(new Set(series.map(({ name, labels }) => labels['metric'] ?? name))),
    labels: Object.fromEntries(sorted(values.keys()).map((label) => [label, sorted(values.get(label) ?? [])])),
  };
};
