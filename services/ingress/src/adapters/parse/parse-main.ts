import { parentPort } from 'node:worker_threads';
import { isWaybillError } from '@waybill/contracts';
import { parseWanted } from '../../domain/parse-wanted.ts';
import type { ParseQuestion, ParseReply } from './protocol.ts';

const port = parentPort;
if (port === null) throw new Error('this file runs as a worker thread only');

function reply({ bytes, wanted }: ParseQuestion): ParseReply {
  try {
    return { kind: 'parsed', payload: parseWanted(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), wanted) };
  } catch (error) {
    if (!isWaybillError(error)) return { kind: 'failed', detail: String(error) };
    return { kind: 'refused', code: error.code, detail: error.message, extra: { ...error.extra } };
  }
}

port.on('message', (question: ParseQuestion) => port.postMessage(reply(question)));
