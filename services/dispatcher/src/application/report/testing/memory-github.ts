import { WaybillError } from '@waybill/contracts';
import type { CheckRun, InRepository, Issue } from '@waybill/github';
import type { AppOfReports } from '../report-ports.ts';

interface StoredIssue extends Issue {
  state: 'open' | 'closed';
}

class GithubRefused extends Error {
  override readonly name = 'GithubRefused';
}

/** GitHub as reports see it: what is there, every write, and faults of the next calls. */
export class MemoryGithub implements AppOfReports {
  readonly checks = new Map<string, CheckRun>();
  readonly issues: StoredIssue[] = [];
  readonly writes: string[] = [];
  /** Calls, reads too. */
  readonly calls: string[] = [];
  readonly #faults: { call: string; kind: 'away' | 'limited' | 'refused' | 'died' }[] = [];
  /** What a process that dies gets instead of an answer: nothing. */
  readonly #never = new Promise<never>(() => undefined);

  /** The next `call` fails. `died`: it is done, and its answer never arrives. */
  failNext(call: string, kind: 'away' | 'limited' | 'refused' | 'died'): void {
    this.#faults.push({ call, kind });
  }

  get open(): StoredIssue[] {
    return this.issues.filter(({ state }) => state === 'open');
  }

  repository: AppOfReports['repository'] = async (owner, name) => {
    await this.#call('repository');
    const found = { id: '1', owner, name, defaultBranch: 'main', archived: false, disabled: false, installationId: '7' };
    return { kind: 'found', repository: found };
  };

  async findCheckRun(_place: InRepository, headSha: string, externalId: string): Promise<string | undefined> {
    await this.#call('findCheckRun');
    return [...this.checks].find(([, check]) => check.headSha === headSha && check.externalId === externalId)?.[0];
  }

  createCheckRun(place: InRepository, check: CheckRun): Promise<string> {
    return this.#write('createCheckRun', () => {
      if (place.installationId !== '7') throw new GithubRefused('another installation');
      const id = `${this.checks.size + 1}`;
      this.checks.set(id, check);
      return id;
    });
  }

  updateCheckRun(_place: InRepository, id: string, check: CheckRun): Promise<void> {
    return this.#write('updateCheckRun', () => void this.checks.set(id, check));
  }

  async findIssue(_place: InRepository, marker: string): Promise<number | undefined> {
    await this.#call('findIssue');
    const at = this.issues.findIndex(({ state, body }) => state === 'open' && body.includes(marker));
    return at === -1 ? undefined : at;
  }

  createIssue(_place: InRepository, issue: Issue): Promise<number> {
    return this.#write('createIssue', () => this.issues.push({ ...issue, state: 'open' }) - 1);
  }

  updateIssue(_place: InRepository, number: number, issue: Issue & { readonly state?: 'open' | 'closed' }): Promise<void> {
    return this.#write('updateIssue', () => {
      const known = this.issues[number];
      if (known !== undefined) this.issues[number] = { ...known, ...issue };
    });
  }

  async #write<T>(call: string, change: () => T): Promise<T> {
    const dies = await this.#call(call);
    const done = change();
    this.writes.push(call);
    return dies ? this.#never : done;
  }

  /** Whether the process dies after it. */
  async #call(call: string): Promise<boolean> {
    this.calls.push(call);
    await Promise.resolve();
    const at = this.#faults.findIndex((fault) => fault.call === call);
    const [fault] = at === -1 ? [] : this.#faults.splice(at, 1);
    switch (fault?.kind) {
      case 'away':
        throw new WaybillError('WB_GITHUB_AWAY', 'GitHub answered 502');
      case 'limited':
        throw new WaybillError('WB_GITHUB_LIMITED', 'slow down', { extra: { retryAfterMs: 90_000 } });
      case 'refused':
        throw new GithubRefused('Resource not accessible by integration');
      default:
        return fault?.kind === 'died';
    }
  }
}
