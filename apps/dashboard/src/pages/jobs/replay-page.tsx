import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { send } from '../../api/client.ts';
import { regionsQuery } from '../../api/regions.ts';
import { useMay } from '../../api/session.ts';
import { RateField } from '../../parts/rate-field.tsx';
import { Page } from '../../parts/page.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useUrlState } from '../../parts/url-state.ts';
import { type Destination, DESTINATIONS, localText, replayBody } from './replay-order.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Asks for a replay. What the URL says already (`tenantId`, `eventType`, `endpointId`, `from`, `to`) is filled in. */
export function ReplayPage() {
  const may = useMay('operator');
  return (
    <Page title="New replay" actions={<Link href="/jobs">Back to the jobs</Link>}>
      <div className="columns">
        {may ? <ReplayForm /> : <p>That takes the role operator.</p>}
        <WhatHappens />
      </div>
    </Page>
  );
}

/** What nobody should have to find out afterwards. */
const WhatHappens = () => (
  <section className="panel stack" aria-labelledby="happens">
    <h2 id="happens">What will happen</h2>
    <dl className="stack">
      <div>
        <dt>
          <strong>First it is counted</strong>
        </dt>
        <dd>The job shows how many deliveries it will make and where they go. Nothing is sent before you start it.</dd>
      </div>
      <div>
        <dt>
          <strong>Retries that are pending stay as they are</strong>
        </dt>
        <dd>A replay makes new deliveries beside them, so a receiver may get an event twice.</dd>
      </div>
      <div>
        <dt>
          <strong>Receivers can tell</strong>
        </dt>
        <dd>Each request carries the webhook-id of then, and waybill-replay with the id of the job.</dd>
      </div>
      <div>
        <dt>
          <strong>What is left out</strong>
        </dt>
        <dd>
          Workflow dispatches, and what earlier jobs sent. Events that were set aside are <Link href="/dead-letters">dead letters</Link>.
        </dd>
      </div>
      <div>
        <dt>
          <strong>Live events go first</strong>
        </dt>
        <dd>Order among replayed events is not kept.</dd>
      </div>
    </dl>
  </section>
);

function ReplayForm() {
  const [, navigate] = useLocation();
  const [values] = useUrlState();
  const [destination, setDestination] = useState<Destination>('then');
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    plan(new FormData(event.currentTarget), destination)
      .then(({ id }) => navigate(`/jobs/${id}`), setError)
      .finally(() => setBusy(false));
  };
  return (
    <form className="fields panel" onSubmit={submit} aria-label="New replay">
      <Range from={values.get('from')} to={values.get('to')} />
      <fieldset>
        <legend>Where they go</legend>
        {DESTINATIONS.map(({ name, words }) => (
          <label key={name} className="check">
            <input type="radio" name="destination" checked={destination === name} onChange={() => setDestination(name)} />
            {words}
          </label>
        ))}
        <label>
          {destination === 'into' ? 'Id of the endpoint' : 'To this endpoint alone, if not to all'}
          <input name="endpointId" defaultValue={values.get('endpointId') ?? ''} required={destination === 'into'} placeholder="ep_…" />
        </label>
      </fieldset>
      <Which tenantId={values.get('tenantId')} eventType={values.get('eventType')} />
      <RateField name="rate" />
      <label>
        Reason, for the audit
        <input name="reason" required maxLength={500} autoComplete="off" />
      </label>
      {error === undefined ? null : <Problem error={error} />}
      <div className="actions">
        <button type="submit" className="primary" disabled={isBusy}>
          {isBusy ? 'Working …' : 'Plan it'}
        </button>
      </div>
    </form>
  );
}

function plan(given: FormData, destination: Destination): Promise<{ readonly id: string }> {
  const textOf = (name: string): string => {
    const value = given.get(name);
    return typeof value === 'string' ? value.trim() : '';
  };
  const body = replayBody({
    from: textOf('from'),
    to: textOf('to'),
    tenantId: textOf('tenantId'),
    eventTypes: textOf('eventTypes'),
    region: textOf('region'),
    destination,
    endpointId: textOf('endpointId'),
    rate: textOf('rate'),
    reason: textOf('reason'),
  });
  return send('POST', '/v1/replays', body);
}

const timeOf = (iso: string | null, otherwiseMs: number): string => localText(iso === null ? otherwiseMs : Date.parse(iso) || otherwiseMs);

function Range({ from, to }: { readonly from: string | null; readonly to: string | null }) {
  const [nowMs] = useState(() => Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS);
  return (
    <div className="range">
      <label>
        Accepted from, by your clock
        <input name="from" type="datetime-local" step="any" required defaultValue={timeOf(from, nowMs - HOUR_MS)} />
      </label>
      <label>
        Until before
        <input name="to" type="datetime-local" step="any" required defaultValue={timeOf(to, nowMs)} />
      </label>
    </div>
  );
}

function Which({ tenantId, eventType }: { readonly tenantId: string | null; readonly eventType: string | null }) {
  const regions = useQuery(regionsQuery).data?.data ?? [];
  return (
    <>
      <label>
        Tenant
        <input name="tenantId" defaultValue={tenantId ?? ''} placeholder="all" />
      </label>
      <label>
        Event types
        <input name="eventTypes" defaultValue={eventType ?? ''} placeholder="all; or order.*, invoice.paid" />
      </label>
      {regions.length < 2 ? null : (
        <label>
          Accepted in
          <select name="region" defaultValue="">
            <option value="">all regions, as far as it was copied here</option>
            {regions.map(({ id }) => (
              <option key={id}>{id}</option>
            ))}
          </select>
        </label>
      )}
    </>
  );
}
