import { connect } from 'node:net';

/** Sends bytes over a plain socket, and resolves with all that came back until the other side closed. */
export function rawRequest(port: number, write: (send: (bytes: string | Buffer) => boolean) => void | Promise<void>): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let received = '';
  const socket = connect(port, '127.0.0.1', () => void write((bytes) => !socket.destroyed && socket.write(bytes)));
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    received += text;
  });
  // Writing on after the server has answered and closed is an error here; what was received counts.
  socket.on('error', () => undefined);
  socket.on('close', () => resolve(received));
  return promise;
}

/** Status and problem document of a raw HTTP answer. */
export function parseRaw(answer: string): { status: number; type: string; body: Record<string, unknown> } {
  const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
  const type = /content-type: ([^\r\n]*)/i.exec(head)?.[1] ?? '';
  return { status: Number(head.split(' ')[1]), type, body: body === '' ? {} : JSON.parse(body) };
}
