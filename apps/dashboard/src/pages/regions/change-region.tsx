import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Link } from 'wouter';
import { send } from '../../api/client.ts';
import { type Region, type Regions, regionsQuery } from '../../api/regions.ts';
import { useMay } from '../../api/session.ts';
import { Page } from '../../parts/page.tsx';
import { Empty } from '../../parts/problem.tsx';
import { Effect, effectQuery } from './effect.tsx';
import { type Change, type ChangeForm, changesFor, commandOf, type PossibleChange, standInsFor } from './region-changes.ts';
import { isSilent } from './region-health.ts';
import { type Outcome, Progress, type Work } from './steps.tsx';

const TITLES: Readonly<Record<Change, string>> = { failover: 'Fail over', drain: 'Drain', activate: 'Fail back' };
const INTENTS: Readonly<Record<Change, string>> = {
  failover: 'Its work goes to other regions: first it finishes what it has in its hands, then they take the rest. Senders notice nothing.',
  drain: 'It hands its work over, and nobody waits for it here: the home page tells when it is drained.',
  activate: 'It takes its work back: first it learns what was done in its place, then it gets 25, 50, 75 and 100 % of its work.',
};

export interface ChangeRegionProps {
  readonly change: Change;
  readonly id: string;
  readonly regions: Regions;
}

/** Where a region is failed over, drained or failed back: who is affected first, then the reason, then every step. */
export function ChangeRegion({ change, id, regions }: ChangeRegionProps) {
  const region = regions.data.find((one) => one.id === id);
  const possible = region === undefined ? undefined : changesFor(region, regions).find((one) => one.change === change);
  // What it is called stays, also when the region has become another by it.
  const [title] = useState(`${possible?.label ?? TITLES[change]} ${id}`);
  return (
    <Page title={title} actions={<Link href="/">Back to the regions</Link>}>
      {region === undefined ? (
        <Empty title={`There is no region ${id}`}>The regions are on the page before.</Empty>
      ) : (
        <Order change={change} region={region} regions={regions} possible={possible} />
      )}
    </Page>
  );
}

interface OrderProps {
  readonly change: Change;
  readonly region: Region;
  readonly regions: Regions;
  /** Undefined: not in the state that the region is in. */
  readonly possible: PossibleChange | undefined;
}

function Order({ change, region, regions, possible }: OrderProps) {
  const may = useMay('operator');
  const [work, order] = useWork();
  // The form stays as it was filled in until the change is made.
  const isOpen = may && possible !== undefined && work?.steps === undefined;
  return (
    <div className="columns">
      <div className="stack">
        {possible?.isForcedOnly === true ? null : <p>{INTENTS[change]}</p>}
        {work === undefined && possible === undefined ? <NotNow region={region} /> : null}
        {may ? null : <p className="note">That takes the role operator.</p>}
        {isOpen ? <OrderForm region={region} regions={regions} possible={possible} work={work} onOrder={order} /> : null}
        {work === undefined ? null : <Progress region={region} work={work} />}
      </div>
      <div className="stack">{may ? <WhoIsAffected change={change} region={region} isOver={work !== undefined} /> : null}</div>
    </div>
  );
}

/** The change that was ordered last, and how to order one. */
function useWork(): [Work | undefined, (form: ChangeForm) => void] {
  const client = useQueryClient();
  const [work, setWork] = useState<Work>();
  const order = (form: ChangeForm): void => {
    const { path, body } = commandOf(form);
    setWork({ isUnderWay: true });
    send<Outcome>('POST', path, body)
      .then(
        ({ steps }) => setWork({ isUnderWay: false, steps }),
        (error: unknown) => setWork({ isUnderWay: false, error }),
      )
      .finally(() => void client.invalidateQueries({ queryKey: regionsQuery.queryKey }));
  };
  return [work, order];
}

function NotNow({ region: { id, state } }: { readonly region: Region }) {
  return (
    <div className="note">
      <strong>
        {id} is {state} now
      </strong>
      <p>There is nothing like that to do with it. The page before shows what can be done.</p>
    </div>
  );
}

/** What would happen is asked once: afterwards it is the past. */
function WhoIsAffected({ change, region, isOver }: { readonly change: Change; readonly region: Region; readonly isOver: boolean }) {
  const effect = useQuery({ ...effectQuery(region.id), enabled: !isOver });
  return <Effect query={effect} change={change} region={region.id} />;
}

interface OrderFormProps {
  readonly region: Region;
  readonly regions: Regions;
  readonly possible: PossibleChange;
  /** Undefined: nothing was ordered yet. */
  readonly work: Work | undefined;
  readonly onOrder: (form: ChangeForm) => void;
}

function OrderForm({ region, regions, possible: { change, label, isForcedOnly }, work, onOrder }: OrderFormProps) {
  const [isForced, setForced] = useState(isForcedOnly);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const textOf = (name: string): string => {
      const value = given.get(name);
      return typeof value === 'string' ? value.trim() : '';
    };
    onOrder({ change, region: region.id, reason: textOf('reason'), to: textOf('to'), isForced: isForced || isForcedOnly });
  };
  return (
    <form className="fields panel" onSubmit={submit} aria-label={`${label} ${region.id}`}>
      {change === 'failover' ? <StandIns region={region} regions={regions} /> : null}
      {change === 'drain' ? null : <Force change={change} region={region} isOnly={isForcedOnly} isForced={isForced} onChange={setForced} />}
      <label>
        Reason, for the audit
        <input name="reason" required maxLength={500} autoComplete="off" />
      </label>
      <div className="actions">
        <button type="submit" className={isForced ? 'danger' : 'primary'} disabled={work?.isUnderWay === true}>
          {work === undefined ? `${label} ${region.id}` : work.isUnderWay ? 'Working …' : `${label} again`}
        </button>
        <Link className="button" href="/">
          Leave it
        </Link>
      </div>
    </form>
  );
}

function StandIns({ region, regions }: Pick<OrderFormProps, 'region' | 'regions'>) {
  const open = standInsFor(region, regions);
  return (
    <>
      <label>
        Who takes its work
        <select name="to" defaultValue="">
          <option value="">each tenant’s own order of regions</option>
          {open.map(({ id }) => (
            <option key={id} value={id}>
              {id} takes all of it
            </option>
          ))}
        </select>
      </label>
      {open.length > 0 ? null : <p className="note warn">No other region is active now: nobody can take its work.</p>}
    </>
  );
}

interface ForceProps {
  readonly change: 'failover' | 'activate';
  readonly region: Region;
  readonly isOnly: boolean;
  readonly isForced: boolean;
  readonly onChange: (isForced: boolean) => void;
}

function Force({ change, region, isOnly, isForced, onChange }: ForceProps) {
  if (isOnly) return <p className="note">It takes all of its work at once. Nobody is waited for who could hand something back.</p>;
  const isDown = change === 'failover';
  return (
    <>
      {isDown && isSilent(region) ? (
        <p className="note warn">It is silent, so it cannot be drained. Make sure that it is down or cut off, then say so below.</p>
      ) : null}
      <label className="check">
        <input type="checkbox" checked={isForced} onChange={(event) => onChange(event.currentTarget.checked)} />
        {isDown ? 'It is down or cut off: do not wait for it' : 'Nobody is there who could hand it back: take everything at once'}
      </label>
      {isDown && isForced ? (
        <p className="hint">If it still delivers, receivers may get some events twice, with the same webhook-id.</p>
      ) : null}
    </>
  );
}
