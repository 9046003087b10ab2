import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useList } from '../../api/list.ts';
import { sessionQuery } from '../../api/session.ts';
import { isWorkflow, reasonWords } from '../../parts/dead-letter-reasons.ts';
import { EndpointName } from '../../parts/endpoint-name.tsx';
import { type FilterOption, Filters } from '../../parts/filters.tsx';
import { Page } from '../../parts/page.tsx';
import { type Column, RowList } from '../../parts/row-list.tsx';
import { Time } from '../../parts/time.tsx';
import { useUrlState } from '../../parts/url-state.ts';
import type { DeadLetter, DeadLetterGroup } from './dead-letter.ts';
import { choiceOf } from './redrive-order.ts';
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

const COLUMNS: readonly Column<DeadLetter>[] = [
  {
    name: 'Event',
    width: '1.4fr',
    cell: ({ id, eventId, eventType }) => (
      <Link className="cell-link" href={`/dead-letters?id=${encodeURIComponent(id)}`}>
        {eventType ?? eventId}
      </Link>
    ),
  },
  { name: 'Time', width: '11.5rem', cell: ({ at }) => <Time at={at} /> },
  { name: 'Reason', width: '1fr', cell: ({ reason }) => reason.replaceAll('_', ' ') },
  {
    name: 'What was said',
    width: '2fr',
    cell: ({ httpStatus, detail }) => [httpStatus, detail].filter(Boolean).join(' · ') || '–',
    isMinor: true,
  },
  { name: 'Tenant', width: '1fr', cell: ({ tenantId }) => tenantId, isMinor: true },
  { name: 'Region', width: '9rem', cell: ({ region }) => region, isMinor: true },
];
const keyOf = ({ id }: DeadLetter): string => id;

/** Dead letters one by one, and what can be done with all that fit the filters in the URL. */
export function Selection() {
  const [values] = useUrlState();
  const state = stateOf(values);
  const query = Object.fromEntries(FIELDS.map((name) => [name, values.get(name) ?? undefined]));
  const list = useList<DeadLetter>('dead-letters', '/v1/dead-letters', { ...query, state });
  const [tenantId, reason] = [values.get('tenantId'), values.get('reason')];
  const isGroup = tenantId !== null && reason !== null && values.has('region');
  return (
    <Page title={isGroup ? `Dead letters: ${reason.replaceAll('_', ' ')}` : 'Dead letters'} actions={<Actions values={values} />}>
      <Tabs current="list" />
      {isGroup ? <GroupHead values={values} reason={reason} tenantId={tenantId} /> : <Filters by={BY} hasTime />}
      <StateChoice />
      <RowList
        label={`Dead letters that are ${state}, newest first`}
        list={list}
        columns={COLUMNS}
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
  if (self === undefined || stateOf(values) !== 'open') return null;
  const region = values.get('region') ?? self;
  const choice = choiceOf(values, self);
  const isNarrow = FIELDS.some((name) => name !== 'region' && values.has(name));
  const what = `${isNarrow ? 'all open ones that fit, ' : 'all open dead letters '}of ${region}`;
  const endpointId = values.get('endpointId');
  return <Settle choice={choice} what={what} region={region} mayHoldWorkflows={endpointId === null || isWorkflow(endpointId)} />;
}

interface GroupHeadProps {
  readonly values: URLSearchParams;
  readonly reason: string;
  readonly tenantId: string;
}

/** What the dead letters of a group have in common. */
function GroupHead({ values, reason, tenantId }: GroupHeadProps) {
  const [endpointId, region] = [values.get('endpointId'), values.get('region') ?? ''];
  const groups = useList<DeadLetterGroup>('dead-letters', '/v1/dead-letters/groups', { tenantId, region });
  const group = groups.rows.find((one) => one.endpointId === endpointId && one.reason === reason);
  const { means, first } = reasonWords(reason);
  return (
    <div className="panel group-head">
      <p>
        {means} <strong>{first}</strong>
      </p>
      <dl className="kv">
        <dt>Endpoint</dt>
        <dd>
          <EndpointName tenantId={tenantId} id={endpointId} />
        </dd>
        <dt>Tenant</dt>
        <dd>{tenantId}</dd>
        <dt>Region</dt>
        <dd>{region}</dd>
        <dt>Open</dt>
        <dd>{group === undefined ? (groups.isPending ? '…' : 'none any more') : group.count}</dd>
      </dl>
    </div>
  );
}
