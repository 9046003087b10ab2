import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Command } from 'commander';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { addRegionsLint } from './regions-lint.ts';

const SECRET = 'hunter2-not-for-eyes';
const folder = mkdtempSync(join(tmpdir(), 'waybill-lint-'));
const file = (content: string): string => {
  writeFileSync(join(folder, 'regions.yml'), content);
  return join(folder, 'regions.yml');
};

const good = `
- id: us-central1
  host: nats://us.example.com:4222
  region: us-central1
  key: env:US_KEY
  webhook_url: https://hooks.example.com/${SECRET}?token=${SECRET}
- id: europe-west1
  host: tls://eu.example.com:4222
  region: europe-west1
  key: ${SECRET}
  webhook_url: https://eu.example.com
  request_timeout_ms: 8000
  rate_limit_per_second: 50
  priority: 1
  spillover: { errorRate: 0.07 }
`;

const VARIABLES = Object.keys(process.env).filter((name) => /^NATS_|REGION|FAILOVER/.test(name));
beforeEach(() => {
  for (const name of VARIABLES) vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  process.exitCode = undefined;
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs `regions lint` as the CLI does; returns its lines and exit code. */
async function lint(...words: string[]): Promise<{ lines: string[]; exitCode: typeof process.exitCode }> {
  let printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    printed += String(chunk);
    return true;
  });
  const program = new Command('waybill').exitOverride();
  addRegionsLint(program.command('regions'));
  await program.parseAsync(['regions', 'lint', ...words], { from: 'user' });
  return { lines: printed.trimEnd().split('\n'), exitCode: process.exitCode };
}

describe('waybill regions lint', () => {
  it('shows what it understood of a file, and no secret', async () => {
    vi.stubEnv('US_KEY', `waybill:${SECRET}`);
    const { lines, exitCode } = await lint(file(good));
    expect(lines).toEqual([
      'id            region        host                        key                webhook_url                    limits                       spills at',
      'us-central1   us-central1   nats://us.example.com:4222  user and password  https://hooks.example.com/...  -                            100 waiting, 80 % busy, 5 % errors',
      'europe-west1  europe-west1  tls://eu.example.com:4222   token              https://eu.example.com         delivery 8000 ms, rate 50/s  100 waiting, 80 % busy, 7 % errors',
      '',
      'order: europe-west1, us-central1',
      'several regions: on; automatic failover: off',
      'this process: region not given; a dispatcher works for europe-west1, us-central1',
    ]);
    expect(exitCode).toBeUndefined();
    expect(lines.join('\n')).not.toContain(SECRET);
  });

  it('lists every problem and ends with exit code 1', async () => {
    vi.stubEnv('PRIMARY_REGION', 'mars');
    const path = file(good.replace('host:', 'hots:'));
    expect(await lint(path)).toEqual({
      lines: [
        `${path}, entry 1 (us-central1), host: missing; add the address of its NATS server, as in nats://nats.us-central1.example.com:4222`,
        `${path}, entry 1 (us-central1), key: the variable US_KEY is not set; set it, or refer to another one`,
        `${path}, entry 1 (us-central1), hots: unknown field; did you mean host?`,
        'PRIMARY_REGION: there is no region "mars"; use us-central1, europe-west1, or declare it',
        '',
        '4 problems',
      ],
      exitCode: 1,
    });
  });

  it('looks up the keys of all regions whichever REGION is set, and none with --no-secrets', async () => {
    vi.stubEnv('REGION', 'europe-west1');
    const path = file(good);
    expect((await lint(path)).lines[0]).toMatch(/entry 1 \(us-central1\), key: the variable US_KEY is not set/);
    process.exitCode = undefined;
    const { lines, exitCode } = await lint(path, '--no-secrets');
    expect(lines[1]).toMatch(/^us-central1 .* env:US_KEY /);
    expect(exitCode).toBeUndefined();
    expect((await lint(file(good.replace('env:US_KEY', '"env:"')), '--no-secrets')).lines[0]).toMatch(/key: env: is not followed by/);
  });

  it('reads stdin', async () => {
    vi.spyOn(process, 'stdin', 'get').mockReturnValue(Object.assign(Readable.from(['7']), { fd: 0 }) as typeof process.stdin);
    expect((await lint('-')).lines[0]).toBe('stdin: not a list; begin each region with "- id: ..."');
  });

  it('takes an empty file for a mistake', async () => {
    expect(await lint(file('# nothing yet\n'))).toMatchObject({
      lines: [expect.stringContaining('not a list'), '', '1 problem'],
      exitCode: 1,
    });
    expect(await lint(file(''))).toMatchObject({ lines: [expect.stringContaining('not a list'), '', '1 problem'], exitCode: 1 });
  });

  it('reads REGIONS_CONFIG', async () => {
    vi.stubEnv('REGIONS_CONFIG', '- id: us');
    expect((await lint()).lines[0]).toMatch(/^REGIONS_CONFIG, entry 1 \(us\), host: missing/);
  });

  it('shows the single region of the earlier variables', async () => {
    vi.stubEnv('REGION_HOST', `nats://waybill:${SECRET}@nats.example.com:4222`);
    vi.stubEnv('REGION_KEY', SECRET);
    const { lines } = await lint();
    expect(lines[1]).toBe('local  local   nats://nats.example.com:4222  token  -            -       100 waiting, 80 % busy, 5 % errors');
    expect(lines[4]).toBe('several regions: off; automatic failover: off');
  });

  it('says when nothing is declared', async () => {
    expect(await lint()).toEqual({ lines: ['no region is declared: the embedded single region "local"'], exitCode: undefined });
  });
});
