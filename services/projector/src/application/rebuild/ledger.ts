/** What a build is for: to take over, or to be compared with what serves and thrown away. */
export type Purpose = 'rebuild' | 'verify';

/** A generation that is being built beside the serving one. */
export interface Build {
  readonly generation: number;
  readonly purpose: Purpose;
  readonly startedAt: string;
}

/** Which generation of the read models serves, and which is being built. It changes as one thing, so that no crash leaves half of a change. */
export interface Ledger {
  readonly serving: number;
  readonly build: Build | null;
}

/** Where generations are kept. Each method throws when the store is away. */
export interface Generations {
  /** Generation 0 serves when nothing was ever written down. */
  ledger(): Promise<Ledger>;
  write(ledger: Ledger): Promise<void>;
  /** Numbers of the generations that there is anything of. */
  present(): Promise<number[]>;
  /** Removes what there is of a generation; nothing is no error. */
  remove(generation: number): Promise<void>;
}
