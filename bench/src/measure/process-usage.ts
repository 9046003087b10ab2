import { readFileSync } from 'node:fs';

/** Clock ticks a second in /proc; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4_096;

/** What one process has used so far. */
export interface Usage {
  /** User and system time since the process started, in ms; steps of 10 ms. */
  readonly cpuMs: number;
  readonly rssBytes: number;
}

/** Parses `/proc/<pid>/stat`. The name in parentheses may hold blanks, so fields are counted from the last parenthesis. */
export function parseStat(stat: string): Usage {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { cpuMs: (ticks * 1_000) / TICKS_PER_SECOND, rssBytes: Number(fields[21]) * PAGE_BYTES };
}

/** Usage of a process; undefined when it is gone or the system has no /proc. */
export function usageOf(pid: number): Usage | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}
