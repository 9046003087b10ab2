/** A server that is named by variables of its own, outside REGIONS_CONFIG. Everything is taken as it is written. */
export interface DirectServer {
  readonly host: string | undefined;
  /** Empty: none is needed. */
  readonly key: string;
  readonly user: string | undefined;
}

type Variables = Readonly<Record<string, string>>;

/** The variables that say something: an empty one counts as not set, as everywhere. */
export const givenVariables = (env: NodeJS.ProcessEnv): Variables =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1].trim() !== ''));

/** NATS_URL, NATS_USER and NATS_PASSWORD, or their earlier names REGION_HOST and REGION_KEY. */
export const directServer = (given: Variables): DirectServer => ({
  host: given['NATS_URL'] ?? given['REGION_HOST'],
  key: given['NATS_PASSWORD'] ?? given['REGION_KEY'] ?? '',
  user: given['NATS_USER'],
});
