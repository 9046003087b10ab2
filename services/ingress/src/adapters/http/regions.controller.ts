import { type BeforeApplicationShutdown, Controller, Inject, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { activateRegion, drainRegion } from '../../application/regions/change-region.ts';
import { failOver } from '../../application/regions/failover.ts';
import {
  activateBodySchema,
  drainBodySchema,
  failoverBodySchema,
  type FailoverPlan,
  failoverPlanSchema,
  type RegionOutcome,
  regionOutcomeSchema,
  type Regions,
  regionsSchema,
} from '../../application/regions/region-bodies.ts';
import type { RegionCommandPorts, RegionPorts } from '../../application/regions/region-ports.ts';
import { showRegions } from '../../application/regions/show-regions.ts';
import { callerOf } from './caller.ts';
import { jsonOf } from './http-request.ts';
import { Operation } from './operation.ts';
import { leaveUnrecorded } from './record-commands.ts';
import { REGION_PORTS } from './tokens.ts';

const tag = 'regions';
const changed = { 200: { description: 'What was done, and the state of the region', schema: regionOutcomeSchema } };

@Controller()
export class RegionsController implements BeforeApplicationShutdown {
  readonly #ports: RegionPorts;
  readonly #stopping = new AbortController();

  constructor(@Inject(REGION_PORTS) ports: RegionPorts) {
    this.#ports = ports;
  }

  /** A failover waits for up to 90 s, and would hold the stop up as long. */
  beforeApplicationShutdown(): void {
    this.#stopping.abort();
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/regions'],
    summary: 'Show all regions: states, leases, how they are doing',
    tag,
    answers: { 200: { description: 'All regions; "control" says whether this is up to date', schema: regionsSchema } },
  })
  list(): Regions {
    return showRegions(this.#ports);
  }

  @Operation({
    method: 'POST',
    role: 'operator',
    paths: ['/admin/failover/:region'],
    summary: 'Move the work of a region to others: in order, or at once when it is known to be down ("force")',
    tag,
    body: failoverBodySchema,
    answers: {
      200: { description: 'Every step, or with "dryRun" what would happen', schema: z.union([regionOutcomeSchema, failoverPlanSchema]) },
    },
  })
  async failOver(@Param('region') region: string, @Req() request: FastifyRequest): Promise<RegionOutcome | FailoverPlan> {
    const outcome = await failOver(this.#for(request), region, jsonOf(request), this.#stopping.signal);
    if ('dryRun' in outcome) leaveUnrecorded(request);
    return outcome;
  }

  @Operation({
    method: 'POST',
    role: 'operator',
    paths: ['/admin/regions/:region/drain'],
    summary: 'Let a region hand its work over; GET /v1/regions tells when it is drained',
    tag,
    body: drainBodySchema,
    answers: changed,
  })
  drain(@Param('region') region: string, @Req() request: FastifyRequest): Promise<RegionOutcome> {
    return drainRegion(this.#for(request), region, jsonOf(request));
  }

  @Operation({
    method: 'POST',
    role: 'operator',
    paths: ['/admin/regions/:region/activate'],
    summary: 'Let a region come back in steps, or with "force" at once',
    tag,
    body: activateBodySchema,
    answers: changed,
  })
  activate(@Param('region') region: string, @Req() request: FastifyRequest): Promise<RegionOutcome> {
    return activateRegion(this.#for(request), region, jsonOf(request));
  }

  #for(request: FastifyRequest): RegionCommandPorts {
    return { ...this.#ports, who: callerOf(request).actor };
  }
}
