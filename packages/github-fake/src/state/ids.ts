import { createHash } from 'node:crypto';

/** Ids that count up, so that the same steps give the same ids. */
export class Ids {
  private last = 0;
  private readonly firstRunId: number;

  constructor(firstRunId = 30_000_000_000) {
    this.firstRunId = firstRunId;
  }

  /** A small id for owners, repositories, workflows, issues. */
  next(): number {
    this.last += 1;
    return 1000 + this.last;
  }

  runId(): string {
    return String(this.firstRunId + this.next());
  }

  /** Beyond 2^53, as GitHub's are since February 2026. */
  deliveryId(): string {
    return String(9_100_000_000_000_000_000n + BigInt(this.next()));
  }

  /** 40 hex digits made of `seed`. */
  sha(seed: string): string {
    return createHash('sha1').update(seed).digest('hex');
  }
}
