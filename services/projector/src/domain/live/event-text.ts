import type { LiveEvent } from '@waybill/contracts';

const encoder = new TextEncoder();

/** An event as `text/event-stream` has it; `data` is turned into JSON, on one line. With `id`, whoever gets it comes back with that. */
export const eventText = (event: LiveEvent, data: object, id?: string): Uint8Array =>
  encoder.encode(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);

/** Sets the id that a client comes back with, and is no event. `retryMs`: after how long it comes back. */
export const idText = (id: string): Uint8Array => encoder.encode(`id: ${id}\n\n`);
export const retryText = (retryMs: number): Uint8Array => encoder.encode(`retry: ${retryMs}\n\n`);
