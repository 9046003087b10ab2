import { baseConfigSchema, wholeNumber } from '@waybill/runtime';
import { z } from 'zod';
import type { Door } from './rounds.ts';

const { APP_HOST, LOG_LEVEL, LOG_WORK_PER_SECOND, METRICS_TOKEN } = baseConfigSchema.shape;

/** `us-central1=https://us.example.com,europe-west1=https://eu.example.com` */
const doors = z.string().transform((text, context): Door[] =>
  text.split(',').map((entry) => {
    const [region = '', url = ''] = entry.trim().split(/=(.*)/s);
    if (region === '' || !isWebAddress(url))
      context.addIssue({ code: 'custom', message: 'use region=address,region=address, as in us-central1=https://us.example.com' });
    return { region, url: url.replace(/\/+$/, '') };
  }),
);

const isWebAddress = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

/** What `waybill canary` reads. */
export const canaryConfigSchema = z.object({
  APP_HOST,
  LOG_LEVEL,
  LOG_WORK_PER_SECOND,
  METRICS_TOKEN,
  MANAGEMENT_API_KEY: z.string().min(8, 'use at least 8 characters').optional(),
  /** Where metrics are served and deliveries arrive. */
  CANARY_PORT: wholeNumber.pipe(z.int().min(0).max(65_535)).default(9_464),
  /** At most a minute: who got nothing through for two is told to fail. */
  CANARY_EVERY_SECONDS: wholeNumber.pipe(z.int().min(1).max(60)).default(15),
  /** The public doors; absent: those of the stack on the data folder. */
  CANARY_DOORS: doors.optional(),
  /** Where dispatchers reach the canary; absent: nobody waits for deliveries. */
  CANARY_RECEIVER_URL: z.string().refine(isWebAddress, 'use an http or https address').optional(),
});
