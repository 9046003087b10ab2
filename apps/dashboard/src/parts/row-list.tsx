import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef } from 'react';
import type { useList } from '../api/list.ts';
import { Empty, Problem } from './problem.tsx';

export interface Column<Row> {
  readonly name: string;
  /** CSS grid track, as `2fr` or `8rem`. */
  readonly width: string;
  readonly cell: (row: Row) => ReactNode;
  /** Left out on a telephone. */
  readonly isMinor?: boolean;
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

const ROW_PX = 41;

/** A list of any length: only the rows in sight are in the document, and further pages come as they are scrolled to. */
export function RowList<Row>({ label, list, columns, keyOf, empty }: RowListProps<Row>) {
  const scroller = useRef<HTMLDivElement>(null);
  const { rows, isPending, error, hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const again = (): void => void list.refetch();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && last >= rows.length - 20) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, last, rows.length]);
  if (isPending)
    return error === null ? (
      <p className="loading" role="status">
        Loading …
      </p>
    ) : (
      <Problem error={error} onAgain={again} />
    );
  const tracks = { gridTemplateColumns: columns.map(({ width }) => width).join(' ') };
  return (
    <>
      {error === null ? null : <Problem error={error} onAgain={again} />}
      {rows.length === 0 && !hasNextPage ? <Empty title="Nothing here">{empty}</Empty> : null}
      <div className="rows" role="table" aria-label={label} aria-rowcount={hasNextPage ? -1 : rows.length + 1}>
        <div className="row head" role="row" style={tracks}>
          {columns.map(({ name, isMinor }) => (
            <span key={name} role="columnheader" className={isMinor === true ? 'minor' : undefined}>
              {name}
            </span>
          ))}
        </div>
        <div className="scroller" ref={scroller} role="rowgroup" tabIndex={0} aria-label={`${label}: rows`}>
          <div style={{ height: `${virtual.getTotalSize()}px`, position: 'relative' }}>
            {shown.map(({ index, start }) => {
              const row = rows[index];
              if (row === undefined) return null;
              return (
                <div
                  key={keyOf(row)}
                  className="row"
                  role="row"
                  aria-rowindex={index + 2}
                  style={{ ...tracks, position: 'absolute', top: 0, left: 0, right: 0, transform: `translateY(${start}px)` }}
                >
                  {columns.map(({ name, cell, isMinor }) => (
                    <span key={name} role="cell" className={isMinor === true ? 'minor' : undefined}>
                      {cell(row)}
                    </span>
                  ))}
                </div>
              );
            })}
          </div>
        </div>
      </div>
      {isFetchingNextPage ? (
        <p className="loading" role="status">
          Loading more …
        </p>
      ) : null}
    </>
  );
}
