import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import './chart-canvas.css';
import type { ChartProps } from './chart.tsx';

const HEIGHT_PX = 160;
const COLOURS = ['--line-1', '--line-2', '--line-3', '--line-4'];

type Lines = ChartProps['lines'];

const figuresOf = ({ times, lines }: ChartProps): uPlot.AlignedData => [
  times.map((at) => at / 1_000),
  ...lines.map(({ values }) => [...values]),
];

/** Draws a chart: anew when its lines or the theme change, onwards when its figures do. What it says is said in words beside it. */
export function ChartCanvas(props: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<uPlot>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const shape = props.lines.map(({ name, unit, dash }) => [name, unit, dash].join(' ')).join('; ');
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const draw = (): void => {
      drawn.current?.destroy();
      drawn.current = new uPlot(optionsOf(latest.current.lines, element), figuresOf(latest.current), element);
    };
    draw();
    const resized = new ResizeObserver(() => drawn.current?.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    resized.observe(element);
    const unfollow = followTheme(draw);
    return () => {
      unfollow();
      resized.disconnect();
      drawn.current?.destroy();
      drawn.current = undefined;
    };
  }, [shape]);
  useEffect(() => drawn.current?.setData(figuresOf(latest.current)), [props.times, props.lines]);
  return <div className="chart-space" ref={place} aria-hidden="true" />;
}

/** Calls when the colours of the page change: by the system, or by the person. Returns how to end it. */
function followTheme(onChange: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', onChange);
  const chosen = new MutationObserver(onChange);
  chosen.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => {
    system.removeEventListener('change', onChange);
    chosen.disconnect();
  };
}

/** A colour of the style sheet as a canvas understands it: the value of a variable still has both themes in it. */
function colourOf(element: HTMLElement, name: string): string {
  element.style.setProperty('color', `var(${name})`);
  const { color } = getComputedStyle(element);
  element.style.removeProperty('color');
  return color;
}

/** Places of values with nothing on either side, which no line would show. */
const alone: uPlot.Series.Points.Filter = ({ data }, series, isShown) => {
  const values = data[series] ?? [];
  const isMissing = (at: number): boolean => (values[at] ?? null) === null;
  return isShown ? null : [...values.keys()].filter((at) => !isMissing(at) && isMissing(at - 1) && isMissing(at + 1));
};

const ONE_DAY_S = 86_400;
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'short' });
const ofDay = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const ofYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

/** The times of an axis as this browser writes them: of the day, or days where they stand a day apart. */
function timeTexts(_plot: uPlot, times: readonly number[]): string[] {
  const [first = 0, second = 0] = times;
  const format = second - first >= ONE_DAY_S ? ofYear : ofDay;
  return times.map((at) => format.format(at * 1_000));
}

function optionsOf(lines: Lines, element: HTMLElement): uPlot.Options {
  const { fontFamily } = getComputedStyle(element);
  const grid = { stroke: colourOf(element, '--edge'), width: 1 };
  const axis = { stroke: colourOf(element, '--quiet'), font: `11px ${fontFamily}`, grid, ticks: { show: false } };
  return {
    width: element.clientWidth,
    height: HEIGHT_PX,
    cursor: { drag: { x: false, y: false } },
    legend: { live: true },
    axes: [
      { ...axis, values: timeTexts, size: 28 },
      { ...axis, size: 56 },
    ],
    series: [
      { label: 'time', value: (_plot, at) => (at === null ? '–' : whole.format(at * 1_000)) },
      ...lines.map(({ name, unit, dash }, at) => ({
        label: unit === undefined ? name : `${name} (${unit})`,
        stroke: colourOf(element, COLOURS[at % COLOURS.length] ?? '--line-1'),
        width: 1.5,
        ...(dash === undefined ? {} : { dash: [...dash] }),
        spanGaps: false,
        points: { filter: alone },
      })),
    ],
  };
}
