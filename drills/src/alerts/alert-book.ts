/** An alert as Prometheus tells of it. */
export interface SeenAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
  /** Since when its condition holds, wall clock. */
  readonly activeAtMs: number;
}

/** One time that an alert came and went; all times on the wall clock, in ms. */
export interface Episode {
  /** Name and labels, but for the severity: `WaybillRegionOutage{region="us-central1"}`. */
  readonly alert: string;
  readonly pendingMs: number;
  /** When it was seen firing first, at most one poll late; absent: it never fired. */
  readonly firingMs?: number;
  /** When it was not seen any more, at most one poll late; absent: it is still there. */
  readonly goneMs?: number;
}

/** What an alert is called in results. */
export function alertName({ alertname = '', severity: _severity, ...labels }: Readonly<Record<string, string>>): string {
  const shown = Object.entries(labels)
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([name, value]) => `${name}="${value}"`);
  return `${alertname}{${shown.join(',')}}`;
}

/** Keeps book on alerts that come and go, from one look to the next. */
export class AlertBook {
  readonly #ended: Episode[] = [];
  readonly #current = new Map<string, Episode>();

  /** All alerts that are there at a moment. */
  seen(nowMs: number, alerts: readonly SeenAlert[]): void {
    const now = new Map(alerts.map((alert) => [alertName(alert.labels), alert]));
    for (const [name, episode] of this.#current) if (now.get(name)?.activeAtMs !== episode.pendingMs) this.#end(name, episode, nowMs);
    for (const [alert, { activeAtMs, state }] of now) {
      const episode = this.#current.get(alert) ?? { alert, pendingMs: activeAtMs };
      this.#current.set(alert, state === 'firing' ? { firingMs: nowMs, ...episode } : episode);
    }
  }

  #end(name: string, episode: Episode, nowMs: number): void {
    this.#current.delete(name);
    this.#ended.push({ ...episode, goneMs: nowMs });
  }

  /** What is there now. */
  get current(): readonly Episode[] {
    return [...this.#current.values()];
  }

  /** Everything that was seen, in the order in which it began. */
  get episodes(): readonly Episode[] {
    return [...this.#ended, ...this.#current.values()].toSorted((one, other) => one.pendingMs - other.pendingMs);
  }
}
