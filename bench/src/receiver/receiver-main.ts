import { createServer, type Socket } from 'node:net';
import { monotonicMs } from '../measure/clock.ts';
import { ID_BYTES, RecordLog } from '../measure/record-log.ts';
import { failFirst } from './fail-first.ts';
import { receiverOrderSchema, REFUSED_FLAG, type ReceiverReport } from './messages.ts';
import { RequestReader, type RequestSeen } from './request-reader.ts';

// A process of its own: answers as little as HTTP allows, and remembers who came when. Argument: percentage to fail the first time.
const OK = 'HTTP/1.1 204 No Content\r\n\r\n';
const refusal = (status: number): string => `HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`;
const BUSY = refusal(503);
const PROGRESS_MS = 250;

const arrivals = new RecordLog();
const failsFirst = failFirst(Number(process.argv[2] ?? 0));
/** Answers of endpoints that refuse everything for now. */
const refusing = new Map<number, string>();
const counts = { succeeded: 0, failedOnPurpose: 0, unreadable: 0 };

const tell = (report: ReceiverReport): void => {
  process.send?.(report);
};

/** Records an arrival and returns the answer. The path is `/e/<number of the endpoint>`. */
function answer({ path, webhookId }: RequestSeen): string {
  const endpoint = Number(path.slice('/e/'.length));
  if (webhookId.length !== ID_BYTES || !Number.isInteger(endpoint)) {
    counts.unreadable += 1;
    return OK;
  }
  const shut = refusing.get(endpoint);
  const refused = shut !== undefined || failsFirst(`${webhookId} ${endpoint}`);
  arrivals.add({ id: webhookId, tag: refused ? endpoint | REFUSED_FLAG : endpoint, first: monotonicMs(), second: 0 });
  counts[refused ? 'failedOnPurpose' : 'succeeded'] += 1;
  return refused ? (shut ?? BUSY) : OK;
}

function serve(socket: Socket): void {
  socket.setNoDelay(true);
  const reader = new RequestReader((request) => socket.write(answer(request)));
  socket.on('data', (chunk) => {
    try {
      reader.push(chunk);
    } catch {
      counts.unreadable += 1;
      socket.destroy();
    }
  });
  socket.on('error', () => socket.destroy());
}

const server = createServer(serve);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) tell({ kind: 'listening', port: address.port });
});
setInterval(() => tell({ kind: 'progress', ...counts }), PROGRESS_MS);
process.on('message', (message): void => {
  const order = receiverOrderSchema.parse(message);
  if (order.kind === 'quit') process.exit(0);
  if (order.kind === 'refuse') {
    refusing.clear();
    for (const endpoint of order.endpoints) refusing.set(endpoint, refusal(order.status));
    return tell({ kind: 'refusing' });
  }
  arrivals.save(order.file);
  tell({ kind: 'progress', ...counts });
  tell({ kind: 'saved', file: order.file });
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole group; the parent still needs what was recorded.
process.on('SIGINT', () => undefined);
