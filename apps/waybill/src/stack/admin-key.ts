import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** The first admin key of this data folder: MANAGEMENT_API_KEY when set, else made once and kept readable for its owner only. */
export function adminKeyOf(path: string, env: NodeJS.ProcessEnv): string {
  const given = env['MANAGEMENT_API_KEY'];
  if (given !== undefined && given !== '') return given;
  if (!existsSync(path)) writeFileSync(path, `wbk_${randomBytes(24).toString('base64url')}`, { mode: 0o600 });
  return readFileSync(path, 'utf8').trim();
}
