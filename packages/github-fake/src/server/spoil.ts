import type { FastifyReply } from 'fastify';

/** Ends the connection without an answer. */
export function reset(reply: FastifyReply): void {
  reply.hijack();
  reply.raw.socket?.resetAndDestroy();
}

/** Never answers; the caller has to give up. */
export function hang(reply: FastifyReply): void {
  reply.hijack();
}

/** Sends the head and one byte, then a byte every quarter of a second. */
export function trickle(reply: FastifyReply, status: number, text: string): void {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text) });
  const bytes = Buffer.from(text);
  let sent = 0;
  const timer = setInterval(() => {
    raw.write(bytes.subarray(sent, sent + 1));
    sent += 1;
    if (sent >= bytes.length) {
      clearInterval(timer);
      raw.end();
    }
  }, 250);
  raw.on('close', () => clearInterval(timer));
}
