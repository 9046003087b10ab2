import { assertNever } from '@waybill/contracts';

/** Per-endpoint circuit. It pauses attempts; it never fails a delivery. Times are ms since 1970, pauses ms. */
export type Circuit =
  | { readonly kind: 'closed'; readonly failures: number }
  | { readonly kind: 'open'; readonly untilMs: number; readonly pauseMs: number }
  | { readonly kind: 'half_open'; readonly pauseMs: number };

/** When a circuit opens and how long it stays so: the pause doubles with every probe that fails. */
export interface CircuitPolicy {
  readonly failuresToOpen: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

export const DEFAULT_CIRCUIT_POLICY: CircuitPolicy = { failuresToOpen: 10, firstPauseMs: 10_000, longestPauseMs: 300_000 };
export const CLOSED: Circuit = { kind: 'closed', failures: 0 };

/** Whether an attempt may start: yes; yes as the one probe; or not before `untilMs` (undefined while the probe runs). */
export type Passage =
  | { readonly kind: 'pass' }
  | { readonly kind: 'probe'; readonly circuit: Circuit }
  | { readonly kind: 'paused'; readonly untilMs?: number };

/** Asks for passage. After `probe` the caller must keep the circuit that came with it and report what the probe gave. */
export function askPassage(circuit: Circuit, nowMs: number): Passage {
  switch (circuit.kind) {
    case 'closed':
      return { kind: 'pass' };
    case 'half_open':
      return { kind: 'paused' };
    case 'open':
      if (nowMs < circuit.untilMs) return { kind: 'paused', untilMs: circuit.untilMs };
      return { kind: 'probe', circuit: { kind: 'half_open', pauseMs: circuit.pauseMs } };
    default:
      return assertNever(circuit);
  }
}

/** The circuit after an attempt succeeded: closed, whatever it was. */
export const afterSuccess = (): Circuit => CLOSED;

/** The circuit after an attempt failed. A failure that was under way when the circuit opened changes nothing. */
export function afterFailure(circuit: Circuit, nowMs: number, policy: CircuitPolicy): Circuit {
  switch (circuit.kind) {
    case 'closed': {
      const failures = circuit.failures + 1;
      return failures < policy.failuresToOpen ? { kind: 'closed', failures } : openFor(policy.firstPauseMs, nowMs);
    }
    case 'open':
      return circuit;
    case 'half_open':
      return openFor(Math.min(circuit.pauseMs * 2, policy.longestPauseMs), nowMs);
    default:
      return assertNever(circuit);
  }
}

/** The circuit after a probe that was never sent: the next attempt probes. */
export function afterNoProbe(circuit: Circuit, nowMs: number): Circuit {
  return circuit.kind === 'half_open' ? { kind: 'open', untilMs: nowMs, pauseMs: circuit.pauseMs } : circuit;
}

const openFor = (pauseMs: number, nowMs: number): Circuit => ({ kind: 'open', untilMs: nowMs + pauseMs, pauseMs });
