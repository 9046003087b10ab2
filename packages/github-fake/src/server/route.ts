import type { Answer } from './answer.ts';
import type { Call } from './call.ts';

/** What faults and the ledger call a route. */
export type RouteName =
  | 'app'
  | 'dispatch'
  | 'contents'
  | 'repository'
  | 'token'
  | 'installation'
  | 'workflows'
  | 'runs'
  | 'checks'
  | 'issues'
  | 'hook-deliveries'
  | 'hook-config'
  | 'rate-limit'
  | 'meta';

/** One operation of GitHub's API. */
export interface Route {
  readonly name: RouteName;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** In Fastify's spelling: `/repos/:owner/:repo`. */
  readonly url: string;
  /** Who may call: the App with its JWT, an installation with its token, anybody. */
  readonly by: 'app' | 'installation' | 'anybody';
  readonly run: (call: Call) => Answer;
}
