import type { DeadLetterFilter, JobSpec, ReplaySpec } from '@waybill/contracts';

const clock = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'medium' });
const timeText = (iso: string): string => clock.format(new Date(iso));

/** What a job works on, in a sentence without its verb: "12 dead letters", "events accepted between … and …, to those who want them today". */
export function specWords(spec: JobSpec): string {
  if (spec.kind === 'replay') return replayWords(spec);
  if (spec.ids !== undefined) return spec.ids.length === 1 ? 'one dead letter' : `${spec.ids.length} dead letters`;
  const parts = filterWords(spec.filter ?? {});
  return parts.length === 0 ? 'all open dead letters' : `dead letters ${parts.join(', ')}`;
}

function filterWords({ endpointId, reason, tenantId, eventType, region, from, to }: DeadLetterFilter): string[] {
  const said: readonly (readonly [string, string | undefined])[] = [
    ['of endpoint', endpointId],
    ['because', reason?.replaceAll('_', ' ')],
    ['of tenant', tenantId],
    ['of type', eventType],
    ['of', region],
    ['since', from === undefined ? undefined : timeText(from)],
    ['before', to === undefined ? undefined : timeText(to)],
  ];
  return said.flatMap(([word, value]) => (value === undefined ? [] : [`${word} ${value}`]));
}

function replayWords({ from, to, tenantId, eventTypes, region, destinations, endpointId, into }: ReplaySpec): string {
  const said = [
    eventTypes === undefined ? 'events' : `events of type ${eventTypes.join(', ')}`,
    tenantId === undefined ? '' : ` of tenant ${tenantId}`,
    ` accepted from ${timeText(from)} to ${timeText(to)}`,
    region === undefined ? '' : ` in ${region}`,
    into === undefined
      ? ` ${destinations === 'then' ? 'to the endpoints of then' : 'to those who want them today'}`
      : ` into endpoint ${into}`,
    endpointId === undefined ? '' : `, endpoint ${endpointId} alone`,
  ];
  return said.join('');
}
