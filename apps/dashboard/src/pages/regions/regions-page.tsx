import { useQuery } from '@tanstack/react-query';
import { type Regions, regionsQuery } from '../../api/regions.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { useUrlState } from '../../parts/url-state.ts';
import { ChangeRegion } from './change-region.tsx';
import { FailoverLog } from './failover-log.tsx';
import { figuresQuery } from './figures.ts';
import { RegionCard } from './region-card.tsx';
import { RegionCharts } from './region-charts.tsx';
import { changeOf } from './region-changes.ts';
import { Topology } from './topology.tsx';
import './regions.css';

/** Reports and leases are no facts, so no frame tells of them: while this page is looked at they are asked for. */
const REPORTS_MS = 5_000;

/** Home: how every region is, and what can be done about it. `?change=failover&region=…` is where one is failed over, drained or failed back. */
export function RegionsPage() {
  const [values] = useUrlState();
  const regions = useQuery({ ...regionsQuery, refetchInterval: REPORTS_MS });
  const change = changeOf(values.get('change'));
  const id = values.get('region');
  if (change === undefined || id === null)
    return (
      <Page title="Regions">
        <Loaded query={regions}>{(data) => <Overview regions={data} />}</Loaded>
      </Page>
    );
  return <Loaded query={regions}>{(data) => <ChangeRegion key={`${change} ${id}`} change={change} id={id} regions={data} />}</Loaded>;
}

function Overview({ regions }: { readonly regions: Regions }) {
  const figures = useQuery(figuresQuery);
  const { data, control } = regions;
  return (
    <>
      {control.ok ? null : (
        <div className="note warn" role="status">
          <strong>The states of the regions cannot be read now</strong>
          <p>What is shown is what was read last. Every region goes on by itself. {control.detail}</p>
        </div>
      )}
      <ul className="cards region-cards" aria-label="Regions">
        {data.map((region) => (
          <RegionCard
            key={region.id}
            region={region}
            regions={regions}
            figures={figures.data?.data.find((one) => one.region === region.id)}
          />
        ))}
      </ul>
      <Loaded query={figures}>{() => null}</Loaded>
      {data.length > 1 ? <Topology regions={regions} /> : null}
      <RegionCharts ids={data.map(({ id }) => id)} />
      <FailoverLog />
    </>
  );
}
