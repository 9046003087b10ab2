import type { Socket } from 'node:net';
import { type ErrorCode, problemOf, WaybillError } from '@waybill/contracts';

const REASONS: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'WB_HEADERS_TOO_LARGE',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'WB_BODY_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'WB_REQUEST_TIMEOUT',
};
const DETAILS: Partial<Record<ErrorCode, string>> = {
  WB_HEADERS_TOO_LARGE: 'the headers are larger than 16 KiB',
  WB_BODY_TOO_LARGE: 'the chunk extensions are too large',
  WB_REQUEST_TIMEOUT: 'the request did not arrive in time',
};
/** How long a client may take to read why it was refused. */
const LINGER_MS = 1_000;

const STATUS_TEXT: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Content Too Large',
  431: 'Request Header Fields Too Large',
};

function rawAnswer(code: ErrorCode): string {
  const problem = problemOf(new WaybillError(code, DETAILS[code] ?? 'this is not HTTP as it should be'));
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_TEXT[problem.status] ?? 'Error'}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

/**
 * Answers what never became a request: broken HTTP, headers that are too large, and requests that take too long to arrive.
 * The socket is read on for a moment: closing it with unread bytes would make the kernel throw the answer away.
 */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy(error);
    return;
  }
  const linger = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(linger));
  socket.end(rawAnswer(REASONS[error.code ?? ''] ?? 'WB_BAD_REQUEST'));
  socket.resume();
}
