import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type ReactNode, useEffect, useLayoutEffect, useRef } from 'react';
import { isAway } from '../api/client.ts';
import type { useList } from '../api/list.ts';
import { Empty, Problem } from './problem.tsx';

export interface Column<Row> {
  readonly name: string;
  /** CSS grid track, as `2fr` or `8rem`. */
  readonly width: string;
  readonly cell: (row: Row) => ReactNode;
  /** The track on a telephone; absent: the same. */
  readonly narrow?: string;
  /** Left out on a telephone. */
  readonly isMinor?: boolean;
  /** Left out where a telephone leaves minor ones out, and on a tablet. */
  readonly isLeast?: boolean;
}

export interface RowListProps<Row> {
  /** What the rows are, for screen readers, as "Events, newest first". */
  readonly label: string;
  readonly list: ReturnType<typeof useList<Row>>;
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  /** Shown when there is no row: why, and what to do. */
  readonly empty: ReactNode;
}

const ROW_PX = 36;
/** Asked for when so many rows are left below what is in sight. */
const AHEAD = 10;

/** A list of any length: only the rows in sight are in the document, and further pages come as they are scrolled to. */
export function RowList<Row>(props: RowListProps<Row>) {
  const { list, empty } = props;
  const { rows, isPending, error, hasNextPage, isFetchingNextPage } = list;
  const problem = error === null ? null : <Problem error={error} onAgain={() => void list.refetch()} />;
  if (isPending) return <Waiting>Loading …</Waiting>;
  // Not "nothing here": nobody knows.
  if (list.data === undefined) return problem;
  return (
    <>
      {isAway(error) ? null : problem}
      {rows.length === 0 && !hasNextPage ? <Empty title="Nothing here">{empty}</Empty> : <Rows {...props} />}
      {isFetchingNextPage ? <Waiting>Loading more …</Waiting> : null}
    </>
  );
}

const News = ({ onShow }: { readonly onShow: () => void }) => (
  <p className="note busy" role="status">
    <span>
      There is something new.{' '}
      <button type="button" className="plain" onClick={onShow}>
        Show it
      </button>
    </span>
  </p>
);

const Waiting = ({ children }: { readonly children: ReactNode }) => (
  <p className="loading" role="status">
    {children}
  </p>
);

function Rows<Row>({ label, list, columns, keyOf }: RowListProps<Row>) {
  const scroller = useRef<HTMLDivElement>(null);
  const { rows, error, hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    // After a failure a person asks again: else it would be asked for ever.
    if (hasNextPage && error === null && !isFetchingNextPage && last >= rows.length - AHEAD) void fetchNextPage();
  }, [hasNextPage, error, isFetchingNextPage, fetchNextPage, last, rows.length]);
  useStay(scroller, rows, keyOf);
  useComeBack(scroller);
  const fromTheTop = (): void => {
    scroller.current?.scrollTo(0, 0);
    list.fromTheTop();
  };
  return (
    <>
      {list.hasNews ? <News onShow={fromTheTop} /> : null}
      <div className="rows" role="table" aria-label={label} aria-rowcount={hasNextPage ? -1 : rows.length + 1} style={tracksOf(columns)}>
        <div role="rowgroup">
          <div className="row head" role="row" aria-rowindex={1}>
            {columns.map((column) => (
              <span key={column.name} role="columnheader" className={rankOf(column)}>
                {column.name}
              </span>
            ))}
          </div>
        </div>
        <div className="scroller" ref={scroller} role="rowgroup" tabIndex={0} aria-label={`${label}: rows`}>
          <div role="presentation" style={{ height: `${virtual.getTotalSize()}px`, position: 'relative' }}>
            {shown.map(({ index, start }) => {
              const row = rows[index];
              return row === undefined ? null : <OneRow key={keyOf(row)} row={row} columns={columns} index={index} start={start} />;
            })}
          </div>
        </div>
      </div>
    </>
  );
}

interface OneRowProps<Row> {
  readonly row: Row;
  readonly columns: readonly Column<Row>[];
  readonly index: number;
  readonly start: number;
}

const OneRow = <Row,>({ row, columns, index, start }: OneRowProps<Row>) => (
  <div
    className="row"
    role="row"
    aria-rowindex={index + 2}
    style={{ position: 'absolute', top: 0, left: 0, right: 0, transform: `translateY(${start}px)` }}
  >
    {columns.map((column) => (
      <span key={column.name} role="cell" className={rankOf(column)}>
        {column.cell(row)}
      </span>
    ))}
  </div>
);

/** Keeps the rows that are read in their place when others come above them. At the top, new ones are let in. */
function useStay<Row>(scroller: { readonly current: HTMLElement | null }, rows: readonly Row[], keyOf: (row: Row) => string): void {
  const before = useRef(rows);
  useLayoutEffect(() => {
    const element = scroller.current;
    const first = Math.floor((element?.scrollTop ?? 0) / ROW_PX);
    const anchor = before.current[first];
    before.current = rows;
    if (element === null || first === 0 || anchor === undefined) return;
    const key = keyOf(anchor);
    const now = rows.findIndex((row) => keyOf(row) === key);
    if (now > 0 && now !== first) element.scrollTop += (now - first) * ROW_PX;
  }, [scroller, rows, keyOf]);
}

/** How long scrolling pauses before the place is kept, in ms. */
const PAUSE_MS = 150;

/** Whoever comes back to a list finds it where it was: its place is kept in the entry of the browser's history. */
function useComeBack(scroller: { readonly current: HTMLElement | null }): void {
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const state: unknown = history.state;
    if (typeof state === 'object' && state !== null && 'rowsPx' in state && typeof state.rowsPx === 'number')
      element.scrollTop = state.rowsPx;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const keep = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => history.replaceState({ rowsPx: element.scrollTop }, ''), PAUSE_MS);
    };
    element.addEventListener('scroll', keep, { passive: true });
    return () => {
      clearTimeout(timer);
      element.removeEventListener('scroll', keep);
    };
  }, [scroller]);
}

const rankOf = ({ isMinor, isLeast }: Column<never>): string | undefined =>
  isLeast === true ? 'minor least' : isMinor === true ? 'minor' : undefined;

const tracks = (widths: readonly string[]): string =>
  widths.map((width) => (width.endsWith('fr') ? `minmax(0, ${width})` : width)).join(' ');

/** The grid of all rows as CSS variables: the narrower the list, the fewer columns. */
const tracksOf = (columns: readonly Column<never>[]): CSSProperties & Readonly<Record<`--${string}`, string>> => ({
  '--tracks': tracks(columns.map(({ width }) => width)),
  '--tracks-medium': tracks(columns.flatMap(({ width, isLeast }) => (isLeast === true ? [] : [width]))),
  '--tracks-narrow': tracks(columns.flatMap((column) => (rankOf(column) === undefined ? [column.narrow ?? column.width] : []))),
});
