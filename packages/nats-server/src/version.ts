import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { runCommand } from './run-command.ts';
import type { Search } from './search.ts';

/** The oldest nats-server Waybill works with. */
export const MINIMUM_VERSION = '2.15.0';

export interface Version {
  readonly text: string;
  readonly numbers: readonly [number, number, number];
  readonly isPreRelease: boolean;
}

/** Reads the version out of what `nats-server --version` prints; undefined when there is none. */
export function parseVersion(output: string): Version | undefined {
  const match = /\bv?((\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?)/.exec(output);
  if (match?.[1] === undefined) return undefined;
  return { text: match[1], numbers: [Number(match[2]), Number(match[3]), Number(match[4])], isPreRelease: match[5] !== undefined };
}

/** True from the minimum on. A pre-release counts as older than the release it leads to. */
export function isRecentEnough(version: Version, minimum: string = MINIMUM_VERSION): boolean {
  const needed = parseVersion(minimum);
  if (needed === undefined) throw new TypeError(`not a version: ${minimum}`);
  for (const [index, wanted] of needed.numbers.entries()) {
    const difference = (version.numbers[index] ?? 0) - wanted;
    if (difference !== 0) return difference > 0;
  }
  return !version.isPreRelease || needed.isPreRelease;
}

export type BinaryCheck = { readonly kind: 'usable'; readonly version: string } | { readonly kind: 'unusable'; readonly reason: string };

const unusable = (reason: string): BinaryCheck => ({ kind: 'unusable', reason });

async function whyNotRunnable(binary: string): Promise<string | undefined> {
  const found = await stat(binary).catch(() => undefined);
  if (found === undefined) return `${binary} does not exist`;
  if (!found.isFile()) return `${binary} is not a file`;
  return access(binary, constants.X_OK).then(
    () => undefined,
    () => `${binary} is not executable`,
  );
}

/** Runs `<binary> --version` and judges the answer. Bounded by `versionCheckMs`; never throws. */
export async function checkBinary(binary: string, search: Pick<Search, 'env' | 'signal' | 'budgets'>): Promise<BinaryCheck> {
  const obstacle = await whyNotRunnable(binary);
  if (obstacle !== undefined) return unusable(obstacle);
  const { env, signal, budgets } = search;
  const outcome = await runCommand(binary, ['--version'], { env, signal, timeoutMs: budgets.versionCheckMs });
  if (outcome.kind === 'failed') return unusable(outcome.reason);
  const version = parseVersion(outcome.output);
  if (version === undefined) return unusable(`${binary} --version printed no version`);
  if (!isRecentEnough(version)) return unusable(`${binary} is version ${version.text}; ${MINIMUM_VERSION} or newer is needed`);
  return { kind: 'usable', version: version.text };
}
