import { z } from 'zod';

export const faultSchema = z.object({
  route: z.enum([
    'dispatch',
    'contents',
    'repository',
    'token',
    'installation',
    'workflows',
    'runs',
    'checks',
    'issues',
    'hook-deliveries',
    'hook-config',
    'app',
    '*',
  ]),
  /** Default 1; 0 stays until cleared. */
  times: z.int().min(0).optional(),
  /** Only calls about this owner. */
  owner: z.string().optional(),
  kind: z.enum([
    '502-before',
    '502-after',
    'reset-before',
    'reset-after',
    'hang',
    'hang-after',
    'slow-body',
    'primary-limit',
    'secondary-limit',
    '401',
    'stale',
  ]),
  /** Of a limit; without it a secondary limit names no time. */
  retryAfterSeconds: z.number().min(0).optional(),
  /** Of a limit; default 403. */
  status: z.union([z.literal(403), z.literal(429)]).optional(),
});

/**
 * A fault of the next calls. `-after` kinds and `slow-body` let the call take effect; `stale` answers with a file as it was before its last
 * change; all others happen instead of the call.
 */
export type Fault = z.infer<typeof faultSchema>;

/** The faults that wait for their calls. */
export class Faults {
  private waiting: { readonly fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.waiting.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.waiting = [];
  }

  list(): readonly Fault[] {
    return this.waiting.map(({ fault, left }) => ({ ...fault, times: left }));
  }

  /** The fault of this call, if one waits: the oldest that fits. */
  take(route: string, owner: string | undefined): Fault | undefined {
    const found = this.waiting.find(
      ({ fault }) =>
        (fault.route === '*' || fault.route === route) && (fault.owner === undefined || fault.owner.toLowerCase() === owner?.toLowerCase()),
    );
    if (found !== undefined && found.left > 0) {
      found.left -= 1;
      this.waiting = found.left === 0 ? this.waiting.filter((one) => one !== found) : this.waiting;
    }
    return found?.fault;
  }
}
