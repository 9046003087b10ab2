import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useList } from '../../api/list.ts';
import { sessionQuery } from '../../api/session.ts';
import { isWorkflow } from '../../parts/dead-letter-reasons.ts';
import { type FilterOption, Filters } from '../../parts/filters.tsx';
import { Page } from '../../parts/page.tsx';
import { type Column, RowList } from '../../parts/row-list.tsx';
import { Time } from '../../parts/time.tsx';
import { useUrlState } from '../../parts/url-state.ts';
import type { DeadLetter } from './dead-letter.ts';
import { GroupHead } from './group-head.tsx';
import { causeOf, choiceOf } from './redrive-order.ts';
import { Settle } from './settle.tsx';
import { StateChoice, stateOf } from './state-choice.tsx';
import { Tabs } from './tabs.tsx';

const BY: readonly FilterOption[] = [
  { name: 'endpointId', label: 'endpoint' },
  { name: 'tenantId', label: 'tenant' },
  { name: 'reason', label: 'reason' },
];
/** More than these in the URL belong to a group. */
const FIELDS = ['tenantId', 'endpointId', 'reason', 'eventType', 'region', 'from', 'to'] as const;

const EVENT: Column<DeadLetter> = {
  name: 'event',
  width: '1.4fr',
  cell: ({ id, eventId, eventType }) => (
    <Link className="cell-link" href={`/dead-letters?id=${encodeURIComponent(id)}`}>
      {eventType ?? eventId}
    </Link>
  ),
};
const TIME: Column<DeadLetter> = { name: 'time', width: '7.5rem', narrow: '5.5rem', cell: ({ at }) => <Time at={at} isShort /> };
const SAID: Column<DeadLetter> = {
  name: 'what was said',
  width: '2fr',
  cell: ({ httpStatus, detail }) => [httpStatus, detail].filter(Boolean).join(' · ') || '–',
};
const COLUMNS: readonly Column<DeadLetter>[] = [
  TIME,
  EVENT,
  { name: 'reason', width: '1fr', cell: ({ reason }) => reason.replaceAll('_', ' ') },
  { ...SAID, isMinor: true },
  { name: 'tenant', width: '1fr', cell: ({ tenantId }) => tenantId, isLeast: true },
  { name: 'region', width: '8rem', cell: ({ region }) => region, isLeast: true },
];
/** What those of a group do not have in common. */
const COLUMNS_OF_GROUP: readonly Column<DeadLetter>[] = [
  TIME,
  EVENT,
  SAID,
  { name: 'event id', width: '16rem', cell: ({ eventId }) => <code>{eventId}</code>, isMinor: true },
];
const keyOf = ({ id }: DeadLetter): string => id;

/** Dead letters one by one, and what can be done with all that fit the filters in the URL. */
export function Selection() {
  const [values] = useUrlState();
  const state = stateOf(values);
  const query = Object.fromEntries(FIELDS.map((name) => [name, values.get(name) ?? undefined]));
  const list = useList<DeadLetter>('dead-letters', '/v1/dead-letters', { ...query, state });
  const cause = causeOf(values);
  return (
    <Page
      title={cause === undefined ? 'Dead letters' : `Dead letters: ${cause.reason.replaceAll('_', ' ')}`}
      actions={state === 'open' ? <Actions values={values} /> : null}
    >
      <Tabs current="list" />
      {cause === undefined ? <Filters by={BY} hasTime /> : <GroupHead group={cause} />}
      <StateChoice />
      <RowList
        label={`Dead letters that are ${state}, newest first`}
        list={list}
        columns={cause === undefined ? COLUMNS : COLUMNS_OF_GROUP}
        keyOf={keyOf}
        empty={
          <p>
            None is {state} that fits. {state === 'open' ? 'Those that were redriven or discarded are behind the buttons above.' : ''}
          </p>
        }
      />
    </Page>
  );
}

/** Commands are about open ones, of one region. */
function Actions({ values }: { readonly values: URLSearchParams }) {
  const self = useQuery(sessionQuery).data?.region;
  if (self === undefined) return null;
  const region = values.get('region') ?? self;
  const isNarrow = FIELDS.some((name) => name !== 'region' && values.has(name));
  const what = `all ${causeOf(values) !== undefined ? 'of this cause' : isNarrow ? 'that fit' : 'open dead letters'} in ${region}`;
  const endpointId = values.get('endpointId');
  return (
    <Settle choice={choiceOf(values, self)} what={what} region={region} mayHoldWorkflows={endpointId === null || isWorkflow(endpointId)} />
  );
}
