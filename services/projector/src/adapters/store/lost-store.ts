/** SQLite's result codes for a file that is damaged or no database at all; the upper bits tell more. */
const SQLITE_DAMAGED: ReadonlySet<number> = new Set([11, 26]);
const PRIMARY_CODE = 0xff;
/** PostgreSQL's codes for a table or schema that is not there. */
const POSTGRES_GONE: ReadonlySet<string> = new Set(['42P01', '3F000']);

/** Whether an error means that the read models are lost, and not merely away: the file cannot be read, or the tables are gone. */
export function meansLostStore(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('errcode' in error && typeof error.errcode === 'number') {
    return SQLITE_DAMAGED.has(error.errcode & PRIMARY_CODE) || error.message.startsWith('no such table');
  }
  return 'code' in error && typeof error.code === 'string' && POSTGRES_GONE.has(error.code);
}
