import { z } from 'zod';
import { parseAllowList } from './cidr.ts';

const allowList = z.string().transform((text, context) => {
  try {
    return parseAllowList(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    return z.NEVER;
  }
});

/** The environment variables of the guard, for the configuration of every service that judges addresses. */
export const egressVariables = {
  /** Networks that may be reached although they are not public, separated by commas; `loopback` stands for this machine. */
  EGRESS_ALLOW: allowList.default([]),
  EGRESS_GUARD: z.enum(['on', 'off']).default('on'),
};
