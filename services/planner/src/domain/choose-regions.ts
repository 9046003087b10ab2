import {
  defaultEndpointId,
  type Endpoint,
  type EndpointId,
  isStrict,
  maySpill,
  type Placement,
  type Route,
  type RouteAsked,
  routeOf,
  type RoutingView,
  type Scope,
  standIns,
} from '@waybill/contracts';

/** What the deployment says about its regions. */
export interface RegionSettings {
  /** The planner's own region. */
  readonly own: string;
  readonly known: ReadonlySet<string>;
  /** MULTI_REGION_ENABLED=false: the region that does everything that is not strict. */
  readonly everythingIn?: string | undefined;
  /** Regions with a `webhook_url`, where events go whose tenant has no endpoint of its own there. */
  readonly withDefault: ReadonlySet<string>;
  /** Where dispatches into single repositories go: `owner/name` in lower case to region. */
  readonly repositoryRegions?: ReadonlyMap<string, string> | undefined;
}

/** One accepted event, as far as it decides where its deliveries go. */
export interface EventToRoute {
  readonly acceptedIn: string;
  readonly scope: Scope;
  readonly correlationId: string;
  readonly orderingKey?: string | undefined;
  readonly placement: Placement | undefined;
}

export interface RegionsAsked {
  readonly settings: RegionSettings;
  readonly view: RoutingView;
  readonly event: EventToRoute;
  /** The endpoints that the event is owed to. */
  readonly matching: readonly Endpoint[];
  /** All endpoints of the tenant, disabled ones too. */
  readonly all: readonly Endpoint[];
  /** Where earlier events of the same correlation went that were wanted in this region. */
  readonly remembered?: ((wanted: string) => string | undefined) | undefined;
}

/** Where one delivery goes, and why there. `fixed`: nothing may or can be chosen. `remembered`: earlier events of the correlation went there. */
export interface DeliveryRoute {
  readonly endpointId: EndpointId;
  readonly wanted: string;
  readonly region: string;
  readonly because: Route['because'] | 'remembered' | 'fixed';
  /** Named by the endpoint or the placement, and not declared: passed over. */
  readonly unknownRegion?: string | undefined;
}

interface Wanted {
  readonly wanted: string;
  readonly unknownRegion?: string | undefined;
}

const COMPLETE = 100;
const NOBODY: ReadonlySet<string> = new Set();

/**
 * Decides for each delivery of an event which region makes it. Every endpoint that matches occurs exactly once, with the default one when the tenant has
 * none that its home could serve. What may not leave its region stays there whatever the view says. Pure.
 */
export function chooseRegions(asked: RegionsAsked): DeliveryRoute[] {
  const { settings, event } = asked;
  const ordered = inOrder(asked);
  const routes = asked.matching.map(({ id, region, ordering }) =>
    routeOne(ordering === 'fifo' ? ordered : asked, id, wantedRegion(settings, event, region)),
  );
  const home = wantedRegion(settings, event);
  if (!settings.withDefault.has(home.wanted)) return routes;
  const isServed = asked.all.some(({ region }) => wantedRegion(settings, event, region).wanted === home.wanted);
  return isServed ? routes : [...routes, routeOne(asked, defaultEndpointId(home.wanted), home)];
}

/**
 * Events with one ordering key must not overtake each other by way of another region: they do not spill over, and a region that comes back gets all of a key
 * or none. What is on its way when a region fails or comes back may still be overtaken.
 */
function inOrder(asked: RegionsAsked): RegionsAsked {
  const { event, view } = asked;
  if (event.orderingKey === undefined) return asked;
  return { ...asked, view: { ...view, spilling: NOBODY }, event: { ...event, correlationId: event.orderingKey }, remembered: undefined };
}

/** Decides which region makes one delivery to an endpoint whose region is `ofEndpoint`; a default endpoint's is the one that it stands for. Pure. */
export const routeTo = (
  asked: Omit<RegionsAsked, 'matching' | 'all'>,
  endpointId: EndpointId,
  ofEndpoint: string | undefined,
): DeliveryRoute => routeOne(asked, endpointId, wantedRegion(asked.settings, asked.event, ofEndpoint));

/**
 * The region whose turn it is before anybody asks how the regions are: the endpoint's, else the tenant's home, else the one that accepted. A region
 * that is not declared is passed over.
 */
export function wantedRegion(settings: RegionSettings, event: EventToRoute, ofEndpoint?: string): Wanted {
  const { placement, acceptedIn } = event;
  if (event.scope === 'l') return { wanted: acceptedIn };
  if (isStrict(placement)) return { wanted: placement?.home ?? acceptedIn };
  if (settings.everythingIn !== undefined) return { wanted: settings.everythingIn };
  const named = [ofEndpoint, placement?.home].filter((region) => region !== undefined);
  const wanted = named.find((region) => settings.known.has(region)) ?? acceptedIn;
  return { wanted, unknownRegion: named.find((region) => !settings.known.has(region)) };
}

function routeOne(asked: Omit<RegionsAsked, 'matching' | 'all'>, endpointId: EndpointId, { wanted, unknownRegion }: Wanted): DeliveryRoute {
  const { scope, placement, correlationId } = asked.event;
  // A fact of scope l that names another region would never get there.
  if (scope === 'l' || isStrict(placement)) return { endpointId, wanted, region: wanted, because: 'fixed' };
  const ask = { wanted, placement, stickTo: correlationId };
  const route = stickTo(asked.view, ask, { route: routeOf(asked.view, ask), remembered: asked.remembered?.(wanted) });
  return { endpointId, wanted, unknownRegion, ...route };
}

/** Events that belong together stay together although spilling began or ended meanwhile; a failover goes before that. */
function stickTo(
  view: RoutingView,
  ask: RouteAsked,
  { route, remembered }: { readonly route: Route; readonly remembered: string | undefined },
): Pick<DeliveryRoute, 'region' | 'because'> {
  const isFree = route.because === 'wanted' || route.because === 'spillover';
  if (!isFree || remembered === undefined || remembered === route.region || !maySpill(ask.placement)) return route;
  // The wanted region is open here, or the route would say so.
  const isAvailable = remembered === ask.wanted || (standIns(view, ask).includes(remembered) && isActive(view, remembered));
  return isAvailable ? { region: remembered, because: 'remembered' } : route;
}

/** Whether a region takes all work that is given to it. */
export const isActive = (view: RoutingView, region: string): boolean => (view.states.get(region)?.share ?? COMPLETE) === COMPLETE;
