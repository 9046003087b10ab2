import { Controller, Inject, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Accepted } from '../../application/accept-event.ts';
import { type GithubDoor, type GithubView, githubViewSchema } from '../../application/github/github-door.ts';
import type { Ignored } from '../../application/github/receive-github.ts';
import { headerOf, rawJsonOf } from './http-request.ts';
import { leaveUnmeasured } from './measure-intake.ts';
import { Operation } from './operation.ts';
import { GITHUB } from './tokens.ts';
import { visitOf } from './visit.ts';
import { acceptedSchema } from './webhooks.controller.ts';

/** GitHub sends nothing larger. */
const MAX_BODY_BYTES = 25 * 1_048_576;

const ignoredSchema = z.object({ ignored: z.literal(true), reason: z.literal('ignored_event') }).meta({ id: 'Ignored' });

@Controller()
export class GithubController {
  readonly #github: GithubDoor;

  constructor(@Inject(GITHUB) github: GithubDoor) {
    this.#github = github;
  }

  @Operation({
    method: 'POST',
    paths: ['/webhooks/github'],
    summary: 'Take a webhook of the GitHub App in; of all that it sends, finished workflow runs are stored',
    tag: 'events',
    maxBodyBytes: MAX_BODY_BYTES,
    headers: {
      'X-GitHub-Event': 'workflow_run; others are counted and ignored',
      'X-GitHub-Delivery': 'The same id again answers with the same event',
      'X-Hub-Signature-256': 'By one of the webhook secrets of the App, over the raw body',
    },
    body: z.unknown(),
    answers: {
      202: {
        description: 'Stored, or ignored. The same delivery again answers with the same id.',
        schema: z.union([acceptedSchema, ignoredSchema]),
      },
    },
  })
  async post(@Req() request: FastifyRequest): Promise<Accepted | Ignored> {
    const answer = await this.#github.receive({ header: headerOf(request), body: rawJsonOf(request), visit: visitOf(request) });
    if ('ignored' in answer) leaveUnmeasured(request);
    return answer;
  }

  @Operation({
    method: 'GET',
    paths: ['/admin/github'],
    summary: 'Show how webhooks of the GitHub App come in, and whether lost ones are recovered',
    tag: 'dispatches',
    answers: { 200: { description: 'As this process sees it', schema: githubViewSchema } },
  })
  show(): GithubView {
    return this.#github.show();
  }
}
