import { WaybillError } from '@waybill/contracts';

/** What of the environment says that there is a real App. */
const REAL = ['GITHUB_APP_ID', 'GITHUB_APP_PRIVATE_KEY', 'GITHUB_WEBHOOK_SECRET'] as const;

/** Whether the user configured an App of their own. Throws WB_CONFIG_INVALID for a part of one: the services would not start with it. */
export function hasOwnApp(env: NodeJS.ProcessEnv): boolean {
  const isSet = (name: string): boolean => (env[name] ?? '') !== '';
  const given = REAL.filter(isSet);
  if (given.length === 0) return false;
  const lacking = [...REAL, 'ALLOWED_OWNERS'].filter((name) => !isSet(name));
  if (lacking.length === 0) return true;
  throw new WaybillError('WB_CONFIG_INVALID', `a GitHub App needs ${lacking.join(', ')} too; or unset ${given.join(', ')}`);
}
