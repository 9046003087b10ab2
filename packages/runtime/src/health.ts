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
  readonly #checks = new Map<string, { readonly check: () => DependencyState; readonly decides: boolean }>();

  /** `decides: false`: it is named, but the service is ready without it. */
  declare(name: string, check: () => DependencyState, { decides = true }: { readonly decides?: boolean } = {}): void {
    this.#checks.set(name, { check, decides });
  }

  /** Ready when every dependency that decides is; a check that throws counts as not ok. Never throws. */
  report(): HealthReport {
    const checked = [...this.#checks].map(([name, { check, decides }]) => ({ name, decides, state: stateOf(check) }));
    const dependencies = Object.fromEntries(checked.map(({ name, state }) => [name, state]));
    const ready = checked.every(({ state, decides }) => state.ok || !decides);
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
