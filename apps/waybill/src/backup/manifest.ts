import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WaybillError } from '@waybill/contracts';
import { z } from 'zod';

/** Raised when a backup of before could not be read any more. */
export const BACKUP_FORMAT = 1;
/** Written last: a folder without it is no backup. */
const MANIFEST = 'manifest.json';

const count = z.int().min(0);
const streamSchema = z.object({
  name: z.string().regex(/^[\w-]+$/),
  /** In the folder of the backup. */
  file: z.string().regex(/^[\w-]+\.snapshot$/),
  /** Of that file. */
  bytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  messages: count,
  firstSeq: count,
  lastSeq: count,
  /** When the stream was made. */
  created: z.string(),
  /** Durable consumers, which are part of the snapshot with where they stood. */
  consumers: z.array(z.string()),
  config: z.looseObject({ name: z.string() }),
  state: z.looseObject({ messages: count, bytes: count, first_seq: count, last_seq: count }),
});
export type BackedUpStream = z.infer<typeof streamSchema>;

const manifestSchema = z.object({
  format: z.literal(BACKUP_FORMAT),
  /** Tells two backups apart; streams that are restored carry it. */
  id: z.string().min(1),
  region: z.string(),
  /** All regions of the installation. */
  regions: z.array(z.string()),
  server: z.object({ version: z.string() }),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  streams: z.array(streamSchema).min(1),
  /** What belongs to the region and is not part of this, with the reason. */
  leftOut: z.array(z.string()),
});
/** What a backup consists of. */
export type Manifest = z.infer<typeof manifestSchema>;

const invalid = (detail: string): WaybillError => new WaybillError('WB_BACKUP_INVALID', detail);

/** Makes a folder of stream files a backup. Only the owner may read it, for the registry's secrets are in it. */
export function writeManifest(folder: string, manifest: Manifest): void {
  const draft = join(folder, `${MANIFEST}.draft`);
  writeFileSync(draft, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, join(folder, MANIFEST));
}

/** Reads what a folder says it is a backup of. Throws WB_BACKUP_INVALID when there is none, none that is whole, or one of another format. */
export function readManifest(folder: string): Manifest {
  const file = join(folder, MANIFEST);
  if (!existsSync(file))
    throw invalid(
      `${folder} has no ${MANIFEST}: it is no backup, or one that was broken off. Take another one, or make one with "waybill backup"`,
    );
  const written = jsonIn(file);
  const { data: known } = z.object({ format: z.number() }).safeParse(written);
  if (known !== undefined && known.format !== BACKUP_FORMAT)
    throw invalid(`${file} has format ${known.format}, and this waybill reads ${BACKUP_FORMAT}: restore it with the waybill that made it`);
  const parsed = manifestSchema.safeParse(written);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw invalid(`${file} is damaged, so take another backup: ${lines.join('; ')}`);
}

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new WaybillError('WB_BACKUP_INVALID', `${file} is damaged, so take another backup: it is no JSON`, { cause });
  }
}

/** Compares every file of a backup with its manifest. Throws WB_BACKUP_INVALID naming those that are missing or damaged. */
export async function verifyFiles(folder: string, { streams }: Manifest, tell: (line: string) => void): Promise<void> {
  const wrong: string[] = [];
  for (const { file, bytes, sha256 } of streams) {
    tell(`checking ${file}`);
    const path = join(folder, file);
    if (!existsSync(path)) wrong.push(`${file} is missing`);
    else if (statSync(path).size !== bytes) wrong.push(`${file} has ${statSync(path).size} bytes instead of ${bytes}`);
    else if ((await sha256Of(path)) !== sha256) wrong.push(`${file} has another content (sha256)`);
  }
  if (wrong.length > 0) throw invalid(`${folder} is damaged, so take another backup or another copy of this one: ${wrong.join('; ')}`);
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(z.instanceof(Uint8Array).parse(chunk));
  return hash.digest('hex');
}
