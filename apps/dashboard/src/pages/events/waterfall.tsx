import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { regionsQuery } from '../../api/regions.ts';
import { Fact } from '../../parts/fact.tsx';
import { spanText } from '../../parts/span-text.ts';
import { Strip } from './strip.tsx';
import type { TimeScale } from './time-scale.ts';
import { type TraceRow, traceRows, type TraceSpan } from './trace-rows.ts';

/** Rows that are shown; more than these nobody reads. */
const MOST_ROWS = 500;
const COLOURS = 4;
const DEEPEST = 10;

const took = (ms: number): string => (ms < 10 ? `${Math.max(0, Math.floor(ms * 10) / 10)} ms` : spanText(ms));

/** Every span on one scale of time, those of one region in one colour. */
export function Waterfall({ spans }: { readonly spans: readonly TraceSpan[] }) {
  const { rows, scale } = useMemo(() => traceRows(spans), [spans]);
  const regions = useQuery(regionsQuery).data?.data.map(({ id }) => id) ?? [];
  return (
    <div className="scroller" tabIndex={0} role="region" aria-label="Spans">
      <table className="waterfall">
        <thead>
          <tr>
            <th>span</th>
            <th>when</th>
            <th className="num">took</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MOST_ROWS).map((row) => (
            <Row key={row.span.spanId} row={row} scale={scale} colour={1 + (Math.max(0, regions.indexOf(row.span.region)) % COLOURS)} />
          ))}
        </tbody>
      </table>
      {rows.length > MOST_ROWS ? <p>{rows.length - MOST_ROWS} more are not shown.</p> : null}
    </div>
  );
}

function Row({ row, scale, colour }: { readonly row: TraceRow; readonly scale: TimeScale; readonly colour: number }) {
  const [isOpen, setOpen] = useState(false);
  const { span, depth, fromPct, toPct } = row;
  const style = { left: `${fromPct}%`, width: `${toPct - fromPct}%`, background: `var(--line-${colour})` };
  return (
    <>
      <tr className={span.error === undefined ? '' : 'bad'}>
        <th scope="row" style={{ paddingLeft: `calc(12px + ${Math.min(depth, DEEPEST)} * var(--step))` }}>
          <button type="button" className="plain" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {span.error === undefined ? '' : '✕ '}
            {span.name}
            <span className="unseen">, level {depth + 1}</span>
          </button>
          <span className="quiet">
            {span.service.replace(/^waybill-/, '')} <i style={{ background: style.background }} /> {span.region}
          </span>
        </th>
        <td>
          <Strip scale={scale}>
            <span className="strip-bar" style={style} />
          </Strip>
        </td>
        <td className="num">{took(span.endMs - span.startMs)}</td>
      </tr>
      {isOpen ? (
        <tr>
          <td colSpan={3}>
            <Details span={span} fromMs={scale.fromMs} />
          </td>
        </tr>
      ) : null}
    </>
  );
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function Details({ span, fromMs }: { readonly span: TraceSpan; readonly fromMs: number }) {
  return (
    <dl className="kv">
      {span.error === undefined ? null : <Fact name="Failed">{span.error}</Fact>}
      <Fact name="Began">{took(span.startMs - fromMs)} after the first</Fact>
      {Object.entries(span.attributes).map(([name, value]) => (
        <Fact key={name} name={name}>
          {textOf(value)}
        </Fact>
      ))}
      {span.events.map((event) => (
        <Fact key={`${event.atMs} ${event.name}`} name={event.name}>
          {took(event.atMs - span.startMs)} later {Object.entries(event.attributes).map(([name, value]) => `${name}=${textOf(value)} `)}
        </Fact>
      ))}
      {span.links.map(({ traceId, spanId }) => (
        <Fact key={spanId} name="Linked to">
          <Link href={`/traces/${traceId}`}>{traceId}</Link>
        </Fact>
      ))}
    </dl>
  );
}
