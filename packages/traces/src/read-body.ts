import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { WaybillError } from '@waybill/contracts';

/** Of a request, as it comes and unpacked: a full batch of 512 spans has about 1 MiB. */
const MAX_BYTES = 8 * 1024 * 1024;
const unpack = promisify(gunzip);

const tooLarge = (): WaybillError =>
  new WaybillError('WB_BODY_TOO_LARGE', `one request may have ${MAX_BYTES} bytes, also when it is unpacked`);

/** The JSON of a request, unpacked if it is gzip. Throws WB_MEDIA_TYPE, WB_BODY_TOO_LARGE, WB_MALFORMED_JSON or WB_BAD_REQUEST. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = request.headers;
  if (!/^application\/json\b/i.test(type))
    throw new WaybillError(
      'WB_MEDIA_TYPE',
      `"${type}" is not read here; an exporter sends JSON with OTEL_EXPORTER_OTLP_PROTOCOL=http/json`,
    );
  if (encoding !== 'identity' && encoding !== 'gzip') throw new WaybillError('WB_MEDIA_TYPE', `"${encoding}" is not read here; gzip is`);
  const sent = await readAll(request);
  const body = encoding === 'gzip' ? await unpacked(sent) : sent;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new WaybillError('WB_MALFORMED_JSON', error instanceof Error ? error.message : 'it cannot be read', { cause: error });
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // What comes after is read all the same and thrown away: a client that is still sending would not read the answer.
    if (bytes <= MAX_BYTES) chunks.push(chunk);
  }
  if (bytes > MAX_BYTES) throw tooLarge();
  return Buffer.concat(chunks);
}

async function unpacked(sent: Buffer): Promise<Buffer> {
  try {
    return await unpack(sent, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new WaybillError('WB_BAD_REQUEST', 'the body is no gzip', { cause: error });
  }
}
