import { randomBytes } from 'node:crypto';
import type { Deployment } from './deployment.ts';
import { deploymentUsers } from './server-settings.ts';

/** Gives every user of a deployment a random password (128 bits, hex), except those that `present` has one for already. */
export function withRandomPasswords(shape: Omit<Deployment, 'passwords'>, present: Deployment['passwords'] = {}): Deployment {
  const passwords: Deployment['passwords'] = {};
  for (const { key } of deploymentUsers(shape)) passwords[key] = present[key] ?? randomBytes(16).toString('hex');
  return { ...shape, passwords };
}
