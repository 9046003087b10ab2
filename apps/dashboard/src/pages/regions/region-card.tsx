import { Link } from 'wouter';
import { useMay } from '../../api/session.ts';
import type { Region, Regions } from '../../api/regions.ts';
import { State } from '../../parts/state.tsx';
import { Ago } from '../../parts/time.tsx';
import type { Quantiles, RegionFigures } from './figures.ts';
import { changesFor } from './region-changes.ts';
import { healthOf, msText, percentText } from './region-health.ts';

export interface RegionCardProps {
  readonly region: Region;
  readonly regions: Regions;
  /** Undefined: none are known (yet). */
  readonly figures: RegionFigures | undefined;
}

/** One region: how it is and why, its figures, and what can be done with it. */
export function RegionCard({ region, regions, figures }: RegionCardProps) {
  const { id, cloudRegion, isSelf, url, since, who, why } = region;
  const health = healthOf(region, regions, figures);
  return (
    <li className="card region">
      <div className="head-line">
        <h2>{id}</h2>
        <span aria-live="polite">
          <State value={health.word} tone={health.tone} />
        </span>
      </div>
      <p className="quiet">
        {[cloudRegion === id ? '' : cloudRegion, isSelf ? 'this dashboard' : ''].filter((text) => text !== '').join(' · ')}
        {isSelf || url === undefined ? null : <a href={url}>its own dashboard</a>}
      </p>
      {health.reasons.length === 0 ? null : (
        <ul className="reasons">
          {health.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      <Figures region={region} figures={figures} />
      <Details region={region} figures={figures} />
      {since === undefined ? null : (
        <p className="quiet since">
          {region.state} since <Ago at={since} />, by {who}: {why}
        </p>
      )}
      <Changes region={region} regions={regions} />
    </li>
  );
}

function Changes({ region, regions }: Pick<RegionCardProps, 'region' | 'regions'>) {
  const may = useMay('operator');
  const changes = may ? changesFor(region, regions) : [];
  if (changes.length === 0) return null;
  return (
    <div className="actions">
      {changes.map(({ change, label }) => (
        <Link key={change} className="button" href={`/?change=${change}&region=${region.id}`} aria-label={`${label} ${region.id} …`}>
          {label} …
        </Link>
      ))}
    </div>
  );
}

const MEANS = {
  ack: 'From when a request with an event came in until it was answered: the event is kept by then.',
  processing: 'From when an event was accepted until the first attempt to deliver it was over.',
} as const;

/** A duration of the newest minute, else of this hour. */
function Latency({
  name,
  of,
  figures,
}: {
  readonly name: string;
  readonly of: 'ack' | 'processing';
  readonly figures: RegionFigures | undefined;
}) {
  const { minute, hour } = figures ?? {};
  const found: readonly [Quantiles | null | undefined, string] = minute?.[of] ? [minute[of], 'last minute'] : [hour?.[of], 'this hour'];
  const [quantiles, when] = found;
  return (
    <div title={`${MEANS[of]} Of 100, 95 were at least as quick (p95).`}>
      <dt>{name}</dt>
      <dd>{quantiles ? msText(quantiles.p95Ms) : '–'}</dd>
      <dd className="when">{quantiles ? `p95, ${when}` : 'none yet'}</dd>
    </div>
  );
}

function Figures({ region: { id, report }, figures }: Pick<RegionCardProps, 'region' | 'figures'>) {
  const open = figures?.totals.deadLetters['open'];
  return (
    <dl className="figures">
      <Latency name="Answer" of="ack" figures={figures} />
      <Latency name="Processing" of="processing" figures={figures} />
      <div title="Deliveries that wait for an attempt in this region; in flight are those whose attempt has begun.">
        <dt>Waiting</dt>
        <dd>{report === undefined ? '–' : report.queueDepth}</dd>
        <dd className="when">{report === undefined ? 'no report' : `${report.inFlight} in flight`}</dd>
      </div>
      <div title="What could not be delivered and is not tried any more, until somebody redrives or discards it.">
        <dt>Dead letters</dt>
        <dd>{open === undefined || open === 0 ? (open ?? '–') : <Link href={`/dead-letters?region=${id}`}>{open}</Link>}</dd>
        <dd className="when">open</dd>
      </div>
    </dl>
  );
}

const Oldest = ({ of: { deliveryId, at } }: { readonly of: NonNullable<RegionFigures['oldestOpen']> }) => (
  <Link href={`/deliveries/${encodeURIComponent(deliveryId)}`}>
    <Ago at={at} />
  </Link>
);

function Details({ region: { report }, figures }: Pick<RegionCardProps, 'region' | 'figures'>) {
  const oldest = figures?.oldestOpen;
  const lags = Object.entries(report?.lagMs ?? {});
  return (
    <dl className="kv">
      <dt title="The oldest delivery that is neither delivered nor given up.">Oldest without an end</dt>
      <dd>{figures === undefined ? '–' : oldest ? <Oldest of={oldest} /> : 'none'}</dd>
      {report === undefined ? null : (
        <>
          <dt>Failed attempts</dt>
          <dd>{percentText(report.errorRate)} in the last minute</dd>
          <dt title="A region with too much to do, or too many failures, hands new events on to another one for a while.">Spillover</dt>
          <dd>{report.spilling ? 'hands new events on' : 'no'}</dd>
        </>
      )}
      {lags.length === 0 ? null : (
        <>
          <dt title="How old the newest thing is that this region has not yet heard of the other one.">Replication lag</dt>
          <dd>{lags.map(([other, ms]) => `${other} ${msText(ms)}`).join(', ')}</dd>
        </>
      )}
    </dl>
  );
}
