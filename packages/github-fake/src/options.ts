/** The GitHub App that the fake knows. */
export interface FakeApp {
  readonly id: string;
  readonly clientId: string;
  readonly slug: string;
  /** PEM, PKCS#1 as GitHub hands it out. */
  readonly privateKey: string;
  readonly webhookSecret: string;
}

/** Which GitHub is played: its dispatch answers differ. */
export type Profile = 'github.com' | 'ghes-3.19';

export type Permissions = Readonly<Record<string, 'read' | 'write'>>;

/** One request and its answer, as a contract check sees it. */
export interface Exchange {
  readonly method: string;
  /** Path pattern in GitHub's spelling: `/repos/{owner}/{repo}`. */
  readonly pattern: string;
  readonly query: Readonly<Record<string, string>>;
  readonly requestBody: unknown;
  readonly status: number;
  readonly responseText: string;
}

export interface FakeOptions {
  /** Default 0: a free port. */
  readonly port?: number;
  /** Address to listen at; default 127.0.0.1. */
  readonly host?: string;
  readonly app?: Partial<FakeApp>;
  /** `jwt` mints tokens of more than 500 characters; default `short` (40). */
  readonly tokenFormat?: 'short' | 'jwt';
  readonly profile?: Profile;
  /** Milliseconds between what happens and its webhook; default 0. */
  readonly webhookLagMs?: number;
  /** Requests per hour and installation before the primary limit answers; default 1,000,000. */
  readonly rateLimit?: number;
  /** Ids of runs count up from here, so that a fake which starts again over the same data has new ones; default 30,000,000,000. */
  readonly firstRunId?: number;
  /** Called for every exchange that ended with an answer of the fake itself (not of a fault). */
  readonly validate?: (exchange: Exchange) => void;
}

export interface OwnerOptions {
  /** Default true. */
  readonly installed?: boolean;
  readonly suspended?: boolean;
  /** What the installation grants; default: all that Waybill asks for. */
  readonly permissions?: Permissions;
}

export interface WorkflowOptions {
  /** Has a `workflow_dispatch` trigger; default true. */
  readonly dispatchable?: boolean;
  readonly enabled?: boolean;
  /** A policy forbids the call. */
  readonly blocked?: boolean;
  readonly inputs?: Readonly<Record<string, { readonly required?: boolean }>>;
  /** How dispatched runs end; default `success`. */
  readonly conclusion?: string;
  /** How long dispatched runs take; default 50. */
  readonly runsForMs?: number;
}

export interface RepositoryOptions {
  readonly defaultBranch?: string;
  readonly private?: boolean;
  readonly archived?: boolean;
  readonly disabled?: boolean;
  /** False: outside the installation's selection. */
  readonly installed?: boolean;
  /** False: issues answer 410. */
  readonly issues?: boolean;
  readonly branches?: readonly string[];
  readonly tags?: readonly string[];
  /** Text by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Settings by file name, like `cd.yml`. */
  readonly workflows?: Readonly<Record<string, WorkflowOptions>>;
}

/** How a run ended and how its webhook looks. */
export interface RunOptions {
  /** File name in `.github/workflows`, or a path of its own when it holds a slash. */
  readonly workflow: string;
  /** Default `success`. */
  readonly conclusion?: string | null | undefined;
  /** Default `push`. */
  readonly event?: string | undefined;
  /** Default: the default branch. */
  readonly headBranch?: string | null | undefined;
  readonly headRepository?: 'own' | 'fork' | null | undefined;
  readonly attempt?: number | undefined;
  /** Of a run that exists (a re-run, a dispatched run), or the id to give. */
  readonly runId?: string | undefined;
  /** False leaves `installation` out of the payload. */
  readonly withInstallation?: boolean | undefined;
  /** `X-GitHub-Delivery`. */
  readonly guid?: string | undefined;
  /** Login of who started it; one that ends in `[bot]` is a bot. */
  readonly actor?: string | undefined;
}
