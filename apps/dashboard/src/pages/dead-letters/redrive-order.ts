import type { Choice, DeadLetterGroup } from './dead-letter.ts';

/** What a redrive is asked for with; `rate` as it was typed, empty for the usual one. */
export interface RedriveForm {
  readonly choice: Choice;
  readonly reason: string;
  readonly rate: string;
  readonly isWithWorkflows: boolean;
}

/** The body of `POST /v1/dead-letters/redrive`. It is only planned: nothing is sent before somebody starts the job. */
export function redriveBody({ choice, reason, rate, isWithWorkflows }: RedriveForm): object {
  return {
    ...choice,
    reason,
    ...(rate === '' ? {} : { ratePerSecond: Number(rate) }),
    ...(isWithWorkflows ? { dispatches: true } : {}),
  };
}

/** The fields that a list and a command on all of it share, as they stand in the URL. */
const FIELDS = ['tenantId', 'endpointId', 'reason', 'eventType', 'from', 'to'] as const;

/** What fits the filters of a URL, in its region or, when it names none, in `self`. */
export function choiceOf(values: URLSearchParams, self: string): Choice {
  const given = FIELDS.flatMap((name): [string, string][] => {
    const value = values.get(name);
    return value === null ? [] : [[name, value]];
  });
  return { filter: { ...Object.fromEntries(given), region: values.get('region') ?? self } };
}

/** What the dead letters of a group have in common. */
export type Cause = Pick<DeadLetterGroup, 'tenantId' | 'endpointId' | 'reason' | 'region'>;

/** The group that a URL names; undefined when it names less than one. */
export function causeOf(values: URLSearchParams): Cause | undefined {
  const [tenantId, reason, region] = [values.get('tenantId'), values.get('reason'), values.get('region')];
  if (tenantId === null || reason === null || region === null) return undefined;
  return { tenantId, endpointId: values.get('endpointId'), reason, region };
}

/** Where the dead letters of a group are listed. */
export function hrefOfGroup({ tenantId, endpointId, reason, region }: Cause): string {
  const query = { view: 'list', tenantId, ...(endpointId === null ? {} : { endpointId }), reason, region };
  return `/dead-letters?${new URLSearchParams(query)}`;
}
