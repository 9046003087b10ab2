import { setTimeout as sleep } from 'node:timers/promises';
import type { RegionRecord } from '@waybill/contracts';
import { type GithubConfig, openGithubApp } from '@waybill/github';
import type { Publisher } from '@waybill/transport';
import { sweptFacts } from './adapters/github/swept-facts.ts';
import { webhookVerifier } from './adapters/github/verify-webhook.ts';
import { type GithubDoor, githubOff } from './application/github/github-door.ts';
import { receiveGithub } from './application/github/receive-github.ts';
import { Sweeper, type SweepPorts } from './application/github/sweeper.ts';
import { WebhookCounts } from './application/github/webhook-counts.ts';
import { sweepingRegion } from './domain/github/sweeping-region.ts';
import { githubKeyHash } from './domain/idempotency-key.ts';
import type { IngressParts } from './ingress.ts';
import type { Accepting } from './open-accept.ts';

/** What is known of the other regions; see ControlView. */
interface Regions {
  record(region: string): RegionRecord | undefined;
  hasRunOut(region: string): boolean;
}

export interface GithubNeeds {
  readonly accepting: Accepting;
  readonly publisher: Publisher;
  /** Undefined with a single region. */
  readonly control: Regions | undefined;
}

/** Opens the door for the GitHub App and what looks for lost webhooks; `lifecycle` owns it. Without an App it is a door that stays closed. */
export function openGithub(parts: IngressParts, needs: GithubNeeds): GithubDoor {
  const { github: config, nowMs } = parts;
  if (config === undefined) return githubOff;
  const { appId, appSlug, host, webhookSecrets } = config;
  const counts = new WebhookCounts();
  const sweeper = openSweeper(parts, config, needs);
  return {
    receive: receiveGithub({ accept: needs.accepting.accept, isSigned: webhookVerifier(webhookSecrets), counts, host, nowMs }),
    show: () => ({ app: { id: appId, slug: appSlug ?? null }, host, webhooks: counts.view(), sweeper: sweeper.view() }),
    startSweeping: () => startSweeping(parts, sweeper),
  };
}

function openSweeper(parts: IngressParts, config: GithubConfig, needs: GithubNeeds): Sweeper {
  const { logger, lifecycle, health } = parts;
  const { GITHUB_SWEEP_SECONDS: everySeconds, GITHUB_REDELIVERIES_PER_SECOND: perSecond } = parts.config;
  const github = lifecycle.own('github', openGithubApp({ config, logger }), (app) => app.close());
  const settings = { everyMs: everySeconds * 1000, redeliverEveryMs: 1000 / perSecond };
  const sweeper = new Sweeper({ ...sweepPorts(parts, config, needs), github }, settings);
  // Webhooks are accepted whatever GitHub's API does, so it never makes the ingress not ready.
  health.declare('github', () => {
    const { detail } = sweeper.view();
    return detail === undefined ? { ok: true } : { ok: true, detail: `lost webhooks are not looked for: ${detail}` };
  });
  return sweeper;
}

function startSweeping({ lifecycle }: IngressParts, sweeper: Sweeper): void {
  const stopping = new AbortController();
  const running = sweeper.run(stopping.signal);
  lifecycle.own('github sweeper', stopping, (stop) => {
    stop.abort();
    return running;
  });
}

function sweepPorts(
  parts: IngressParts,
  { host }: GithubConfig,
  { accepting, publisher, control }: GithubNeeds,
): Omit<SweepPorts, 'github'> {
  const { bus, deployment, logger, nowMs } = parts;
  const { region, order, onlyRegion } = deployment;
  const seen = {
    order: onlyRegion === undefined ? order : [onlyRegion, ...order.filter((id) => id !== onlyRegion)],
    stateOf: (id: string) => control?.record(id)?.state,
    hasRunOut: (id: string) => control?.hasRunOut(id) === true,
  };
  return {
    ...sweptFacts({ bus, publish: publisher.publish, region, regions: order }),
    region,
    isMine: () => sweepingRegion(seen) === region,
    isReady: () => bus.isUp() && accepting.isCurrent(),
    isStored: (guid) => accepting.isUsed(githubKeyHash(host, guid)),
    tell: (event, detail) => (event === 'github.sweep_goes_on' ? logger.info({ event }, detail) : logger.warn({ event }, detail)),
    nowMs,
    wait: (ms, signal) => sleep(ms, undefined, { signal }),
  };
}
