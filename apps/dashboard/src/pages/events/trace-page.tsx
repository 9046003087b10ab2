import { useQuery } from '@tanstack/react-query';
import type { TraceView } from '@waybill/contracts';
import { Link } from 'wouter';
import { ApiProblem } from '../../api/client.ts';
import { settingsQuery } from '../../api/settings.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { spanText } from '../../parts/span-text.ts';
import { Time } from '../../parts/time.tsx';
import './trace.css';
import { traceLink } from './trace-link.ts';
import { useTrace } from './use-trace.ts';
import { Waterfall } from './waterfall.tsx';

/** What every service did for an event, on one scale of time. `id`: of the event, or of the trace itself. */
export function TracePage({ id }: { readonly id: string }) {
  const query = useTrace(id);
  return (
    <Page title={`Trace ${id}`} actions={<Actions id={id} trace={query.data} error={query.error} />}>
      <Loaded query={query}>{(trace) => <Trace trace={trace} />}</Loaded>
    </Page>
  );
}

function Trace({ trace: { spans, isWhole, related } }: { readonly trace: TraceView }) {
  const fromMs = spans[0]?.startMs ?? 0;
  return (
    <>
      <p>
        {spans.length} {spans.length === 1 ? 'span' : 'spans'} in {spanText(Math.max(...spans.map(({ endMs }) => endMs)) - fromMs)}, from{' '}
        <Time at={new Date(fromMs).toISOString()} />.{isWhole ? '' : ' Some are missing: not here yet, not kept, or told elsewhere.'}
      </p>
      <Waterfall spans={spans} />
      {related.length === 0 ? null : (
        <section className="section stack">
          <h2>Related traces</h2>
          <Related fromMs={fromMs} traces={related.filter(({ because }) => because !== BATCH)} />
          <details>
            <summary>Batches that read it</summary>
            <Related fromMs={fromMs} traces={related.filter(({ because }) => because === BATCH)} />
          </details>
        </section>
      )}
    </>
  );
}

/** Every fact is read in one by the projector of each region, so there are many, and they say little. */
const BATCH = 'batch';

const Related = ({ fromMs, traces }: { readonly fromMs: number; readonly traces: TraceView['related'] }) => (
  <ul>
    {traces.map(({ traceId, name, startMs, because }) => (
      <li key={traceId}>
        <Link href={`/traces/${traceId}`}>{name}</Link>{' '}
        <span className="quiet">
          {spanText(Math.abs(startMs - fromMs))} {startMs < fromMs ? 'before' : 'after'}, {because}
        </span>
      </li>
    ))}
  </ul>
);

interface ActionsProps {
  readonly id: string;
  readonly trace: TraceView | undefined;
  /** It tells the trace's id where no trace is here. */
  readonly error: Error | null;
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function Actions({ id, trace, error }: ActionsProps) {
  const template = useQuery(settingsQuery).data?.traceLink;
  const named = trace?.spans.map(({ attributes }) => attributes['waybill.event.id']).find((one) => typeof one === 'string');
  const eventId = id.startsWith('evt_') ? id : named;
  const told = error instanceof ApiProblem ? error.document['traceId'] : undefined;
  const ids = { traceId: trace?.traceId ?? textOf(told), eventId: textOf(eventId) };
  const link = traceLink(template, ids);
  return (
    <>
      {ids.eventId === undefined ? null : (
        <Link className="button" href={`/events/${ids.eventId}`}>
          Its event
        </Link>
      )}
      {link === undefined ? null : (
        <a className="button" href={link} rel="noreferrer">
          In your own tool
        </a>
      )}
    </>
  );
}
