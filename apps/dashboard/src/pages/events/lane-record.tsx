import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { get } from '../../api/client.ts';
import { Copy } from '../../parts/copy.tsx';
import { Fact } from '../../parts/fact.tsx';
import { Problem } from '../../parts/problem.tsx';
import { State } from '../../parts/state.tsx';
import { Time } from '../../parts/time.tsx';
import type { Delivery, StoryDelivery } from './event-story.ts';

/** What `GET /v1/deliveries/{id}` tells beyond the event's story. */
interface DeliveryRecord extends Delivery {
  readonly replacedBy: readonly {
    readonly deliveryId: string;
    readonly jobId: string | null;
    readonly plannedAt: string;
    readonly state: string;
  }[];
  readonly instructions: readonly { readonly at: string; readonly instruction: string; readonly actor: string; readonly reason: string }[];
}

/** The facts of a delivery: its ids and times, what operators asked of it, what was made in its place. */
export function LaneRecord({ delivery }: { readonly delivery: StoryDelivery }) {
  const { id, plannedAt, endedAt, replayOf, state } = delivery;
  const { data, error } = useQuery({
    // What is known of it changes with the story: then it is asked for again.
    queryKey: ['deliveries', 'one', id, state, delivery.attempts],
    queryFn: ({ signal }) => get<DeliveryRecord>(`/v1/deliveries/${encodeURIComponent(id)}`, signal),
  });
  return (
    <>
      <dl className="kv">
        <Fact name="Delivery">
          <code>{id}</code> <Copy text={id} what="the delivery id" />
        </Fact>
        <Fact name="Since">
          <Time at={plannedAt} />
        </Fact>
        {endedAt === null ? null : (
          <Fact name="Ended">
            <Time at={endedAt} />
          </Fact>
        )}
        {replayOf === null ? null : (
          <Fact name="In the place of">
            <Link href={`/deliveries/${replayOf}`}>{replayOf}</Link>
          </Fact>
        )}
        {data?.replacedBy.map((other) => (
          <Fact key={other.deliveryId} name="Replaced by">
            <Link href={`/deliveries/${other.deliveryId}`}>{other.deliveryId}</Link> <State value={other.state} />
          </Fact>
        ))}
        {data?.instructions.map(({ at, instruction, actor, reason }) => (
          <Fact key={`${at} ${instruction}`} name={instruction === 'skip' ? 'Given up by' : 'Hurried by'}>
            {actor}, <Time at={at} />: {reason}
          </Fact>
        ))}
      </dl>
      {error === null ? null : <Problem error={error} />}
    </>
  );
}
