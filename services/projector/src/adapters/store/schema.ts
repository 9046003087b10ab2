import type { DispatchReportRow, DispatchRow, DispatchSweepRow, DispatchTargetRow } from '../../domain/dispatch-rows.ts';
import type { EventProgressRow } from '../../domain/event-progress.ts';
import type { DeadLetterGroupRow, InstructionRow, ManagementActionRow, ResolutionRow } from '../../domain/recovery-rows.ts';
import type { IntakeMarkRow, RollupRow, SchemaCountRow } from '../../domain/rollup-rows.ts';
import type {
  AttemptRow,
  ClaimRow,
  DeadLetterRow,
  DeliveryRow,
  EndpointRow,
  EventRow,
  ProblemRow,
  RegionChangeRow,
  RemovedRow,
  TenantRow,
  TotalChange,
} from '../../domain/rows.ts';

/** The last sequence of `stream` that a projection has applied. `stream_created` is null until the projection first ran, `origin` unless it is a copy. */
export interface CheckpointRow {
  readonly projection: string;
  readonly stream: string;
  readonly seq: number;
  readonly stream_created: string | null;
  readonly origin: string | null;
  /** When the first message was written that there was to read, if there had been others before it; null: the stream was read from its very beginning. */
  readonly complete_since: number | null;
  /** Since when facts of it are counted in rollups, schema counts and dead letters by state; null: all that were read are. */
  readonly measured_since: number | null;
}

/** The tables of the read models. */
export interface Tables {
  event: EventRow;
  delivery: DeliveryRow;
  event_progress: EventProgressRow;
  attempt: AttemptRow;
  dead_letter: DeadLetterRow;
  dead_letter_group: DeadLetterGroupRow;
  resolution: ResolutionRow;
  delivery_instruction: InstructionRow;
  management_action: ManagementActionRow;
  claim: ClaimRow;
  region_change: RegionChangeRow;
  dispatch: DispatchRow;
  dispatch_target: DispatchTargetRow;
  dispatch_report: DispatchReportRow;
  dispatch_sweep: DispatchSweepRow;
  total: TotalChange;
  rollup: RollupRow;
  schema_count: SchemaCountRow;
  intake_mark: IntakeMarkRow;
  projection_problem: ProblemRow;
  tenant: TenantRow;
  endpoint: EndpointRow;
  removed_record: RemovedRow;
  checkpoint: CheckpointRow;
}
