import { useQuery } from '@tanstack/react-query';
import { ApiProblem } from '../../api/client.ts';
import { type Region, regionsQuery } from '../../api/regions.ts';
import { Problem } from '../../parts/problem.tsx';
import { State } from '../../parts/state.tsx';
import { Ago, Time } from '../../parts/time.tsx';

/** One step of a change, as the API reports it. */
export interface Step {
  readonly step: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly at: string;
}

export interface Outcome {
  readonly steps: readonly Step[];
}

/** A change that was asked for. `error`: what was answered instead of an outcome. */
export interface Work {
  readonly isUnderWay: boolean;
  readonly steps?: readonly Step[];
  readonly error?: unknown;
}

const isStep = (value: unknown): value is Step => typeof value === 'object' && value !== null && 'step' in value && 'detail' in value;

/** Also a change that was refused tells how far it came. */
export function stepsOf({ steps, error }: Work): readonly Step[] {
  if (steps !== undefined) return steps;
  const told = error instanceof ApiProblem ? error.document['steps'] : undefined;
  return Array.isArray(told) ? told.filter(isStep) : [];
}

const LOOK_MS = 1_000;

/** How far a change has come: what the region says of itself meanwhile, and each step when it is answered. */
export function Progress({ region, work }: { readonly region: Region; readonly work: Work }) {
  const isMoving = work.isUnderWay || region.state === 'draining' || region.state === 'recovering';
  useQuery({ ...regionsQuery, refetchInterval: isMoving ? LOOK_MS : false });
  const steps = stepsOf(work);
  const { state, share, since, report } = region;
  return (
    <section className="panel stack" aria-labelledby="steps">
      <h2 id="steps">{work.isUnderWay ? 'Under way; draining may take a minute' : 'What was done'}</h2>
      <p role="status">
        <State value={state} /> {share} % of its work{report === undefined ? '' : `, ${report.inFlight} attempts in flight`}
        {since === undefined ? null : (
          <span className="quiet">
            {' '}
            · since <Ago at={since} />
          </span>
        )}
      </p>
      {steps.length === 0 ? null : (
        <ol className="steps">
          {steps.map(({ step, ok, detail, at }) => (
            <li key={`${step} ${at}`}>
              <strong className={ok ? 'step-ok' : 'step-missed'}>
                {ok ? '✓' : '✕'} {step}
              </strong>{' '}
              {detail}{' '}
              <span className="quiet">
                <Time at={at} />
              </span>
            </li>
          ))}
        </ol>
      )}
      {work.error === undefined ? null : <Problem error={work.error} />}
    </section>
  );
}
