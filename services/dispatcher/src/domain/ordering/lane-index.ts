import type { DeliveryId, DueDelivery } from '@waybill/contracts';

/** A delivery's place in its lane: lower sequences go first. */
export interface LanePlace {
  readonly deliveryId: DeliveryId;
  readonly lane: string;
  readonly seq: number;
}

/**
 * The place of a delivery that has an order, which is that of one endpoint, one ordering key and one accepting region: that region's LOG numbers its
 * events. Between the events of different regions there is no order, for they accept without each other. Undefined without an order.
 */
export function placeOf({ deliveryId, tenantId, endpointId, order }: DueDelivery): LanePlace | undefined {
  if (order === undefined) return undefined;
  return { deliveryId, lane: `${tenantId} ${endpointId} ${order.region} ${order.key}`, seq: order.seq };
}

/** The deliveries of each lane that have no end, in their order. */
export class LaneIndex {
  readonly #lanes = new Map<string, LanePlace[]>();
  /** Lanes to be sorted before they are looked at. */
  readonly #unsorted = new Set<string>();
  readonly #places = new Map<DeliveryId, LanePlace>();

  get size(): number {
    return this.#places.size;
  }

  /** Whether somebody waits behind somebody. */
  get hasFollowers(): boolean {
    return this.#places.size > this.#lanes.size;
  }

  get deliveryIds(): DeliveryId[] {
    return [...this.#places.keys()];
  }

  /** Adds a delivery; one that is there stays where it is. */
  add(place: LanePlace): void {
    if (this.#places.has(place.deliveryId)) return;
    this.#places.set(place.deliveryId, place);
    const lane = this.#lanes.get(place.lane);
    if (lane === undefined) {
      this.#lanes.set(place.lane, [place]);
      return;
    }
    // Nearly all come in order; at a start they come in any, and a lane may hold a hundred thousand.
    if ((lane.at(-1)?.seq ?? 0) > place.seq) this.#unsorted.add(place.lane);
    lane.push(place);
  }

  /** Removes a delivery. Resolves with the lane in which it was. */
  remove(deliveryId: DeliveryId): string | undefined {
    const place = this.#places.get(deliveryId);
    if (place === undefined) return undefined;
    this.#places.delete(deliveryId);
    const lane = this.#sorted(place.lane);
    if (lane[0] === place) lane.shift();
    else lane.splice(lane.indexOf(place), 1);
    if (lane.length === 0) this.#lanes.delete(place.lane);
    return place.lane;
  }

  laneOf(deliveryId: DeliveryId): string | undefined {
    return this.#places.get(deliveryId)?.lane;
  }

  /** The first deliveries of a lane, at most `count`. */
  firstOf(lane: string, count: number): DeliveryId[] {
    return this.#sorted(lane)
      .slice(0, count)
      .map(({ deliveryId }) => deliveryId);
  }

  /** Who is first in each lane. */
  firsts(): DeliveryId[] {
    return [...this.#lanes.keys()].flatMap((lane) => this.firstOf(lane, 1));
  }

  #sorted(lane: string): LanePlace[] {
    const places = this.#lanes.get(lane) ?? [];
    if (this.#unsorted.delete(lane)) places.sort((one, other) => one.seq - other.seq);
    return places;
  }
}
