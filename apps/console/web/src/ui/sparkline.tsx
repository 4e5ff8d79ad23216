const [width, height] = [96, 24];

/** The shape of the last minutes; the number beside it says how much. What does not change has none. */
export const Sparkline = ({ values }: { values: readonly number[] }) => {
  const isFlat = new Set(values).size < 2;
  if (isFlat) return <svg className="spark" width={width} height={height} aria-hidden="true" />;
  const highest = Math.max(...values, 1e-9);
  const lowest = Math.min(...values, 0);
  const x = (i: number) => (i / (values.length - 1)) * width;
  const y = (value: number) => height - 2 - ((value - lowest) / (highest - lowest)) * (height - 4);
  const line = values.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  return (
    <svg className="spark" width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <polygon points={`0,${height} ${line} ${width},${height}`} />
      <polyline points={line} />
    </svg>
  );
};
