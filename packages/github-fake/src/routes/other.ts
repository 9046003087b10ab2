import { tokenOf } from '../server/call.ts';
import type { Route } from '../server/route.ts';
import type { Parts } from './parts.ts';

/** What GitHub says about itself. */
export function otherRoutes({ limits, profile }: Parts): Route[] {
  return [
    {
      name: 'rate-limit',
      method: 'GET',
      url: '/rate_limit',
      by: 'installation',
      run: (call) => {
        const core = limits.state(tokenOf(call).owner.installationId);
        return { status: 200, body: { resources: { core, search: core }, rate: core } };
      },
    },
    {
      name: 'meta',
      method: 'GET',
      url: '/meta',
      by: 'anybody',
      run: () => ({
        status: 200,
        body: {
          verifiable_password_authentication: false,
          hooks: ['127.0.0.0/8'],
          ...(profile === 'github.com' ? {} : { installed_version: '3.19.0' }),
        },
      }),
    },
  ];
}
