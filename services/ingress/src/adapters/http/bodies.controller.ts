import { Readable } from 'node:stream';
import { Controller, Inject, Param, Req, Res } from '@nestjs/common';
import { type Bodies, isSigned, PEER_HEADERS } from '@waybill/bodies';
import { WaybillError } from '@waybill/contracts';
import { CLOCK, type Clock } from '@waybill/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { headerOf } from './http-request.ts';
import { Operation } from './operation.ts';
import { BODIES_FOR_PEERS } from './tokens.ts';

/** What the questions of other regions are answered from. */
export interface BodiesForPeers {
  readonly region: string;
  /** Known to all regions; absent: nobody is answered. */
  readonly key: string | undefined;
  readonly bodies: Pick<Bodies, 'give'>;
}

const DIGEST = /^[0-9a-f]{64}$/;

/** Gives other regions the large payloads that this one accepted or has a copy of; never those of strict tenants. */
@Controller()
export class BodiesController {
  readonly #from: BodiesForPeers;
  readonly #nowMs: Clock;

  constructor(@Inject(BODIES_FOR_PEERS) from: BodiesForPeers, @Inject(CLOCK) nowMs: Clock) {
    this.#from = from;
    this.#nowMs = nowMs;
  }

  @Operation({
    method: 'GET',
    paths: ['/internal/bodies/:sha256'],
    summary: 'Give another region a large payload; the question is signed with REGION_SHARED_KEY',
    tag: 'machine',
    answers: { 200: { description: 'The bytes of that digest' } },
  })
  async get(@Param('sha256') sha256: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { region, key, bodies } = this.#from;
    if (key === undefined || !isSigned(key, { sha256, to: region, header: headerOf(request) }, this.#nowMs()))
      throw new WaybillError('WB_UNAUTHORIZED', 'this is not the question of a region that has the same REGION_SHARED_KEY');
    const held = DIGEST.test(sha256) ? await bodies.give(sha256) : undefined;
    if (held === undefined) {
      void reply.header(PEER_HEADERS.body, 'absent');
      throw new WaybillError('WB_NOT_FOUND', 'this region has no such payload to give');
    }
    reply.raw.once('close', held.release);
    // Handed over in parts, or the socket would hold a second copy of it.
    const parts = Readable.from(inParts(held.body));
    await reply.header('content-type', 'application/octet-stream').header('content-length', held.body.length).send(parts);
  }
}

const PART_BYTES = 262_144;

function* inParts(body: Buffer): Generator<Buffer> {
  for (let start = 0; start < body.length; start += PART_BYTES) yield body.subarray(start, start + PART_BYTES);
}
