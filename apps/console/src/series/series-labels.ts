import type { SeriesLabels } from '@millrace/admin-api';

interface Named {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
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
