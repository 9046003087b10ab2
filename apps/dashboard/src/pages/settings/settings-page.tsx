import { useQuery } from '@tanstack/react-query';
import { Fact } from '../../parts/fact.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { type Settings, settingsQuery } from '../../api/settings.ts';
import { nameText, valueText } from './value-text.ts';
import { Variables } from './variables.tsx';

const FLAGS = {
  enabled: 'MULTI_REGION_ENABLED',
  primaryRegion: 'PRIMARY_REGION',
  secondaryRegion: 'SECONDARY_REGION',
  failoverEnabled: 'FAILOVER_ENABLED',
  region: 'REGION',
  dispatcherRegions: 'DISPATCHER_REGIONS',
  order: 'order of preference',
  githubApp: 'GitHub App',
};

/** What the region that answers runs with; nothing can be changed here. */
export function SettingsPage() {
  const query = useQuery(settingsQuery);
  return (
    <Page title="Settings">
      <Loaded query={query}>{(settings) => <Whole settings={settings} />}</Loaded>
    </Page>
  );
}

function Whole({ settings }: { readonly settings: Settings }) {
  const { region, version, eventSchema, flags, regions, variables } = settings;
  return (
    <>
      <p className="quiet">
        As region {region} runs now. It is read from the environment when a service starts, so a change needs a restart; secrets are masked.
      </p>
      <div className="columns section">
        <section className="card" aria-labelledby="release">
          <h2 id="release">Release</h2>
          <dl className="kv">
            <Fact name="Version">{version}</Fact>
            <Fact name="Event schema">{eventSchema.version}</Fact>
            <Fact name="Oldest that is read">{eventSchema.minCompatible}</Fact>
          </dl>
        </section>
        <section className="card" aria-labelledby="flags">
          <h2 id="flags">Flags</h2>
          <Mapping of={flags} names={FLAGS} />
        </section>
      </div>
      <section className="section" aria-labelledby="regions">
        <h2 id="regions">Regions, as REGIONS_CONFIG declares them</h2>
        {regions.length === 0 ? <p className="quiet">None: this deployment is one region without a declaration.</p> : null}
        <div className="cards">
          {regions.map((one) => (
            <RegionCard key={valueText(one['id'])} entry={one} isHere={one['id'] === region} />
          ))}
        </div>
      </section>
      <Variables variables={variables} />
    </>
  );
}

function RegionCard({ entry, isHere }: { readonly entry: Readonly<Record<string, unknown>>; readonly isHere: boolean }) {
  const { id, ...more } = entry;
  return (
    <article className="card">
      <h3>
        {valueText(id)} {isHere ? <span className="chip">this one</span> : null}
      </h3>
      <Mapping of={more} />
    </article>
  );
}

interface MappingProps {
  readonly of: Readonly<Record<string, unknown>>;
  /** What some of them are called by who sets them. */
  readonly names?: Readonly<Record<string, string>>;
}

const Mapping = ({ of, names = {} }: MappingProps) => (
  <dl className="kv">
    {Object.entries(of).map(([name, value]) => (
      <Fact key={name} name={names[name] ?? nameText(name)}>
        {valueText(value)}
      </Fact>
    ))}
  </dl>
);
