import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { ApiProblem } from '../../api/client.ts';
import { regionsQuery } from '../../api/regions.ts';
import { EndpointName } from '../../parts/endpoint-name.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { spanText } from '../../parts/span-text.ts';
import { State } from '../../parts/state.tsx';
import { Time } from '../../parts/time.tsx';
import { endsQuery, type Job, jobQuery, STATE_WORDS } from './job.ts';
import { JobCommands } from './job-commands.tsx';
import { specWords } from './spec-words.ts';
import './jobs.css';

/** One job: what it will send and where, how far it is, and how to start, hold or end it. */
export function JobPage({ id }: { readonly id: string }) {
  const query = useQuery(jobQuery(id));
  const { data, error } = query;
  const isUnknown = data === undefined && error instanceof ApiProblem && error.code === 'WB_JOB_UNKNOWN';
  return (
    <Page title={data === undefined ? `Job ${id}` : `${data.kind === 'redrive' ? 'Redrive' : 'Replay'} ${id}`}>
      {isUnknown ? <Elsewhere id={id} /> : null}
      <Loaded query={query}>{(job) => <Whole job={job} />}</Loaded>
    </Page>
  );
}

/** A job is known in the region that made it alone. */
function Elsewhere({ id }: { readonly id: string }) {
  const others = (useQuery(regionsQuery).data?.data ?? []).filter(({ isSelf, url }) => !isSelf && /^https?:/.test(url ?? ''));
  if (others.length === 0) return null;
  return (
    <p className="note">
      <span>
        It may be a job of another region:{' '}
        {others.map(({ id: region, url }) => (
          <a key={region} href={`${url?.replace(/\/+$/, '')}/jobs/${encodeURIComponent(id)}`}>
            look in {region}
          </a>
        ))}
      </span>
    </p>
  );
}

function Whole({ job }: { readonly job: Job }) {
  const { kind, spec, by, createdAt, startedAt, endedAt, region, plan, progress } = job;
  return (
    <>
      <ProgressPanel job={job} />
      <JobCommands job={job} />
      <div className="columns section">
        <section className="panel stack" aria-labelledby="what">
          <h2 id="what">What it does</h2>
          <p>
            {kind === 'redrive' ? 'Tries again' : 'Sends again'} {specWords(spec)}.
          </p>
          <dl className="kv">
            <dt>Asked for by</dt>
            <dd>
              {by.actor}: {by.reason}
            </dd>
            <dt>Region</dt>
            <dd>{region}</dd>
            <dt>Made</dt>
            <dd>
              <Time at={createdAt} />
            </dd>
            <dt>Started</dt>
            <dd>
              <Time at={startedAt} />
            </dd>
            <dt>Ended</dt>
            <dd>
              <Time at={endedAt} />
            </dd>
          </dl>
          <Link href={`/deliveries?jobId=${job.id}`}>Its deliveries, and how each ended</Link>
        </section>
        {plan === null ? null : (
          <PlanPanel
            plan={plan}
            left={startedAt === null ? plan.skipped : progress.skipped}
            isOver={endedAt !== null || startedAt === null}
          />
        )}
      </div>
    </>
  );
}

function ProgressPanel({ job }: { readonly job: Job }) {
  const { state, plan, progress, ratePerSecond, detail } = job;
  const { done, percent, etaSeconds } = progress;
  return (
    <section className="panel stack" aria-label="Progress">
      <p role="status">
        <State value={state} tone={state === 'planned' ? 'warn' : undefined} /> {STATE_WORDS[state]} {detail}
      </p>
      {plan === null ? null : <progress value={percent} max={100} aria-label="Progress" />}
      <dl className="figures">
        <Figure name="To send" value={plan === null ? '…' : plan.deliveries} more={plan === null ? '' : `of ${plan.events} events`} />
        <Figure name="Planned so far" value={done} more={`${percent} % passed`} />
        <Figure name="Pace" value={progress.ratePerSecond} more={`a second; at most ${ratePerSecond}`} />
        <Ended jobId={job.id} />
        {etaSeconds === undefined ? null : <Figure name="Over in" value={spanText(etaSeconds * 1_000)} more="at this pace" />}
      </dl>
    </section>
  );
}

/** How what was made of it stands: those states that anything is in, delivered ones always. */
function Ended({ jobId }: { readonly jobId: string }) {
  const { data } = useQuery(endsQuery(jobId));
  if (data === undefined) return null;
  const { delivered, retrying, dead_lettered: dead, denied } = data;
  return (
    <>
      <Figure name="Delivered" value={delivered} more="so far" />
      {retrying === 0 ? null : <Figure name="Retrying" value={retrying} more="failed once at least" />}
      {dead === 0 ? null : <Figure name="Dead letters again" value={dead} more="without success" />}
      {denied === 0 ? null : <Figure name="Denied" value={denied} more="not allowed" />}
    </>
  );
}

const Figure = ({ name, value, more }: { readonly name: string; readonly value: ReactNode; readonly more: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>
      {value} <small>{more}</small>
    </dd>
  </div>
);

/** Why something is left out, where the reason alone does not tell. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  endpoint_deleted: 'the endpoint was removed',
  endpoint_disabled: 'the endpoint is disabled: take it up first',
  payload_lost: 'the log does not hold the payload any more',
  region_active: 'its region is active again, and redrives it itself',
  dispatch_needs_consent: 'a workflow dispatch, and the job was not told to make those again',
};

interface PlanPanelProps {
  readonly plan: NonNullable<Job['plan']>;
  /** What is left out, by reason. */
  readonly left: Readonly<Record<string, number>>;
  /** No more will be left out. */
  readonly isOver: boolean;
}

function PlanPanel({ plan, left, isOver }: PlanPanelProps) {
  const reasons = Object.entries(left);
  return (
    <section className="panel stack" aria-labelledby="where">
      <h2 id="where">Where it goes</h2>
      {plan.endpoints.length === 0 ? <p>To nobody: there is nothing to send.</p> : <Destinations endpoints={plan.endpoints} />}
      {plan.endpointCount > plan.endpoints.length ? <p className="quiet">The largest of {plan.endpointCount} endpoints.</p> : null}
      {reasons.length === 0 ? null : (
        <>
          <h3>{isOver ? 'Left out' : 'Left out so far'}</h3>
          <ul className="stack">
            {reasons.map(([reason, count]) => (
              <li key={reason}>
                {count}: {LEFT_OUT[reason] ?? reason.replaceAll('_', ' ')}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Destinations({ endpoints }: Pick<NonNullable<Job['plan']>, 'endpoints'>) {
  return (
    <div className="scroller destinations" tabIndex={0} role="region" aria-label="Destinations">
      <table>
        <thead>
          <tr>
            <th scope="col">Endpoint</th>
            <th scope="col">Tenant</th>
            <th scope="col" className="num">
              Deliveries
            </th>
          </tr>
        </thead>
        <tbody>
          {endpoints.map(({ tenantId, endpointId, count }) => (
            <tr key={`${tenantId} ${endpointId}`}>
              <th scope="row">
                <EndpointName tenantId={tenantId} id={endpointId} />
              </th>
              <td>{tenantId}</td>
              <td className="num">{count}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
