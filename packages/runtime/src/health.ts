/** How one dependency is doing; `detail` says what is wrong and what is being waited for. */
export interface DependencyState {
  readonly ok: boolean;
  readonly detail?: string;
}

export interface HealthReport {
  readonly status: 'ready' | 'not_ready';
  readonly dependencies: Readonly<Record<string, DependencyState>>;
}

/** Collects the state of what a service depends on, asked for at the moment of the report. */
export class Health {
  readonly #checks = new Map<string, () => DependencyState>();

  declare(name: string, check: () => DependencyState): void {
    this.#checks.set(name, check);
  }

  /** Ready when every dependency is; a check that throws counts as not ok. Never throws. */
  report(): HealthReport {
    const dependencies = Object.fromEntries([...this.#checks].map(([name, check]) => [name, stateOf(check)]));
    const ready = Object.values(dependencies).every(({ ok }) => ok);
    return { status: ready ? 'ready' : 'not_ready', dependencies };
  }
}

function stateOf(check: () => DependencyState): DependencyState {
  try {
    return check();
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}
