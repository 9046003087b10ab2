import { useQuery } from '@tanstack/react-query';
import { get, type Paged } from '../../api/client.ts';

/** What a pause may name; dispatches that fit all that is named are denied while it stands. */
export interface PauseNames {
  readonly owner?: string;
  readonly repository?: string;
  readonly workflow?: string;
  readonly sourceRepository?: string;
  readonly sourceWorkflow?: string;
  readonly region?: string;
}

export interface Pause extends PauseNames {
  readonly id: string;
  readonly reason: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Only operators change them, and the audit is told of that live. */
export const PAUSES = ['audit', 'pauses'] as const;

/** What holds dispatches back now. */
export const usePauses = () =>
  useQuery({ queryKey: PAUSES, queryFn: ({ signal }) => get<Paged<Pause>>('/v1/pauses?limit=250', signal), staleTime: 10_000 });

/** What a pause holds back, in words. */
export function pauseText({ owner, repository, workflow, sourceRepository, sourceWorkflow, region }: PauseNames): string {
  const target = repository === undefined ? (owner === undefined ? undefined : `every repository of ${owner}`) : repository;
  const into = [workflow, target].filter((part) => part !== undefined).join(' of ') || 'everything';
  const from = [sourceWorkflow, sourceRepository].filter((part) => part !== undefined).join(' of ');
  return [into, from === '' ? '' : `started by ${from}`, region === undefined ? '' : `for runs that came in at ${region}`]
    .filter((part) => part !== '')
    .join(', ');
}

/** What a form says as names of a pause; blanks around are left out, and so is what is empty. */
export const namesOf = (given: Readonly<Record<string, string>>): PauseNames =>
  Object.fromEntries(Object.entries(given).flatMap(([name, value]) => (value.trim() === '' ? [] : [[name, value.trim()]])));

/** A name for a pause when none was given: what it names, in the letters that a name may have, with the time so that none is replaced. */
export function pauseIdOf(names: PauseNames, nowMs: number): string {
  const what = Object.values(names)
    .join('-')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-');
  return `${what.slice(0, 48).replace(/^-|-$/g, '')}-${nowMs.toString(36)}`;
}
