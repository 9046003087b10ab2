import { PINNED_VERSION, RELEASES_URL } from './pinned-releases.ts';
import type { WayName } from './search.ts';
import { MINIMUM_VERSION } from './version.ts';

/** One way that was tried, and why it gave nothing. */
export interface FailedWay {
  readonly way: WayName;
  readonly reason: string;
}

const remedies = `Get it in one of three ways, then start again:
  1. With a package manager: brew install nats-server (macOS, Linux), scoop install nats-server or winget install NATSAuthors.NATSServer (Windows).
  2. From the official download page ${RELEASES_URL} (version ${PINNED_VERSION}); put the program nats-server into a folder of PATH.
  3. Set NATS_SERVER_BIN to the full path of a nats-server ${MINIMUM_VERSION} or newer that you already have.`;

function tell(failures: readonly FailedWay[]): string {
  const told = failures.map(({ way, reason }) => `  ${way}: ${reason}`);
  return [`No nats-server ${MINIMUM_VERSION} or newer was found, and none could be fetched:`, ...told, remedies].join('\n');
}

/** No way led to a usable nats-server. The message is made for a person: each way's reason, then what to do. */
export class NatsServerNotFound extends Error {
  override readonly name = 'NatsServerNotFound';
  readonly failures: readonly FailedWay[];

  constructor(failures: readonly FailedWay[]) {
    super(tell(failures));
    this.failures = failures;
  }
}

/** A binary that a person named cannot be used. */
export class NatsServerRefused extends Error {
  override readonly name = 'NatsServerRefused';

  constructor(way: WayName, reason: string) {
    super(`${way} cannot be used: ${reason}. Correct it, or unset it to let Waybill search.`);
  }
}
