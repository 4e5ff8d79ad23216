import 'uplot/dist/uPlot.min.css';
import type { SeriesPoints } from '@millrace/admin-api';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { useStore } from '../../api/store.js';
import { theme } from '../../shell/theme.js';
import { sample } from '../../ui/format.js';
import { useWidth } from '../../ui/use-width.js';
import { align } from './align.js';
import { colourOf, drawnColour } from './colours.js';
import { tickTime, tickValue } from './ticks.js';

const FEW = 24;
const FONT = '11px Inter, system-ui, sans-serif';

const axis = (): uPlot.Axis => ({
  stroke: drawnColour('--soft'),
  font: FONT,
  grid: { stroke: drawnColour('--line'), width: 1 },
  ticks: { show: false },
});

const optionsOf = (series: readonly SeriesPoints[], width: number, height: number): uPlot.Options => ({
  width,
  height,
  ms: 1,
  padding: [12, 28, 0, 0],
  legend: { show: false },
  cursor: { y: false, points: { size: 6 } },
  axes: [
    { ...axis(), space: 64, size: 32, values: (_, ticks, __, ___, step) => ticks.map((tick) => tickTime(tick, step)) },
    { ...axis(), size: 54, values: (_, ticks, __, ___, step) => ticks.map((tick) => tickValue(tick, step)) },
  ],
  series: [
    {},
    ...series.map(
      (one, i): uPlot.Series => ({
        stroke: drawnColour(colourOf(i)),
        width: 1.5,
        spanGaps: true,
        // A few points are no line yet.
        points: { show: one.points.length < FEW, size: 5 },
      }),
    ),
  ],
});

/** What is under the pointer, in words. */
const say = (series: readonly SeriesPoints[], times: readonly number[], index: number | null | undefined): string => {
  const time = index === null || index === undefined ? undefined : times[index];
  if (time === undefined) return '';
  const shown = series.flatMap(({ points }) => points.find(({ timestampMs }) => timestampMs === time)?.value ?? []);
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')}  ${shown.slice(0, 6).map(sample).join('  ')}`;
};

interface ChartProps {
  readonly label: string;
  readonly series: readonly SeriesPoints[];
  readonly height: number;
}

/** Lines over time. The table beside it says the same in numbers. */
export const Chart = ({ label, series, height }: ChartProps) => {
  const [box, width] = useWidth<HTMLDivElement>();
  const note = useRef<HTMLParagraphElement>(null);
  const current = useStore(theme);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours
  useEffect(() => {
    if (box.current === null || width === 0) return;
    const { times, rows } = align(series.map(({ points }) => points));
    const hooks: uPlot.Hooks.Arrays = {
      setCursor: [
        (plot) => {
          if (note.current !== null) note.current.textContent = say(series, times, plot.cursor.idx);
        },
      ],
    };
    const plot = new uPlot(
      { ...optionsOf(series, width, height), hooks },
      [times, ...rows] as uPlot.AlignedData,
      box.current,
    );
    return () => plot.destroy();
  }, [series, width, height, current]);
  return (
    <figure className="chart">
      <div
        ref={box}
        role="img"
        aria-label={`${label} over time; the table below has the numbers`}
        className="plot"
        style={{ minHeight: height }}
      />
      <p ref={note} className="soft pointed" aria-hidden="true" />
    </figure>
  );
};
