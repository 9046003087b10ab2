import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { ChartProps } from './chart.tsx';

const HEIGHT_PX = 160;
const COLOURS = ['--line-1', '--line-2', '--line-3', '--line-4'];

/** Draws a chart; drawn anew when its figures, its width or the theme change. What it says is said in words beside it. */
export function ChartCanvas({ times, lines }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const draw = (): uPlot =>
      new uPlot(optionsOf(lines, element), [times.map((at) => at / 1_000), ...lines.map(({ values }) => [...values])], element);
    let plot = draw();
    const again = (): void => {
      plot.destroy();
      plot = draw();
    };
    const resized = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    resized.observe(element);
    const theme = matchMedia('(prefers-color-scheme: dark)');
    theme.addEventListener('change', again);
    return () => {
      theme.removeEventListener('change', again);
      resized.disconnect();
      plot.destroy();
    };
  }, [times, lines]);
  return <div className="chart-space" ref={place} aria-hidden="true" />;
}

function optionsOf(lines: ChartProps['lines'], element: HTMLElement): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis = { stroke: colour('--quiet'), grid: { stroke: colour('--edge'), width: 1 }, ticks: { show: false } };
  return {
    width: element.clientWidth,
    height: HEIGHT_PX,
    cursor: { drag: { x: false, y: false } },
    legend: { live: true },
    axes: [axis, { ...axis, size: 56 }],
    series: [
      {},
      ...lines.map(({ name, unit, dash }, at) => ({
        label: unit === undefined ? name : `${name} (${unit})`,
        stroke: colour(COLOURS[at % COLOURS.length] ?? '--line-1'),
        width: 1.5,
        ...(dash === undefined ? {} : { dash: [...dash] }),
        spanGaps: false,
      })),
    ],
  };
}
