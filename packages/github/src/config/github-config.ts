import type { DispatchPolicy } from '@waybill/dispatching';

/** What the deployment says about GitHub; see `githubConfigOf` for the variables. */
export interface GithubConfig {
  /** App id or client id. */
  readonly appId: string;
  readonly appSlug: string | undefined;
  /** PEM, PKCS#1 or PKCS#8. */
  readonly privateKey: string;
  /** The first is the newest; all verify. */
  readonly webhookSecrets: readonly string[];
  /** `https://api.github.com`, or `https://HOST/api/v3`. */
  readonly apiUrl: string;
  /** Host name by which runs are told apart: `github.com` for api.github.com. */
  readonly host: string;
  /** REST version; undefined sends none (Enterprise Server). */
  readonly apiVersion: string | undefined;
  readonly policy: DispatchPolicy;
  readonly createIssues: boolean;
  readonly createChecks: boolean;
  /** Writes per second through one installation. */
  readonly writesPerSecond: number;
  /** Reads at once through one installation. */
  readonly readsInFlight: number;
  readonly timeoutMs: number;
  /** How long a file that was read counts without being asked for again. */
  readonly freshMs: number;
  /** Consent is read again at the call when the decision is older than this. */
  readonly recheckAfterMs: number;
  /** How long after the call a run is looked for whose start is uncertain. */
  readonly reconcileMs: number;
  /** How long GitHub may keep a dispatch waiting by its limits before that is its end. */
  readonly limitedForMs: number;
  /** Regions for the dispatches into single repositories: `owner/name` in lower case to region. */
  readonly repositoryRegions: ReadonlyMap<string, string>;
}
