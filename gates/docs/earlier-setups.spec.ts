import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const textOf = (...patterns: string[]): string =>
  globSync(patterns, { cwd: root, exclude: ['**/node_modules/**', '**/dist/**'] })
    .map((path) => readFileSync(`${root}${path}`, 'utf8'))
    .join('\n');

/** What setups of before were configured with. */
const VARIABLES = [
  'APP_HOST',
  'APP_PORT',
  'PORT',
  'DATABASE_URL',
  'DB_MIGRATIONS_TABLE',
  'MANAGEMENT_API_KEY',
  'WEBHOOK_RATE_LIMIT_PER_MINUTE',
  'IDEMPOTENCY_TTL_SECONDS',
  'MAX_PROCESSING_RETRIES',
  'RETRY_BASE_DELAY_MS',
  'LOG_LEVEL',
];
/** What such setups had beside, and what is not read any more. */
const REPLACED = [
  'REDIS_URL',
  'PROCESSING_LOCK_TTL_SECONDS',
  'RABBITMQ_URL',
  'RABBITMQ_PROCESS_QUEUE',
  'RABBITMQ_RETRY_QUEUE',
  'RABBITMQ_REPLAY_QUEUE',
];

describe('the variables of earlier setups', () => {
  const example = textOf('.env.example');
  const schemas = textOf('packages/runtime/src/config.ts', 'services/*/src/config.ts');
  const specs = textOf('services/*/src/**/*.spec.ts', 'services/*/src/testing/*.ts', 'e2e/*.fixture.ts', 'packages/runtime/src/*.spec.ts');
  const order = textOf('docs/release-order.md');

  it.each(VARIABLES)('%s is explained, accepted, and set by a test that sees its effect', (name) => {
    expect(example).toContain(name);
    expect(order).toContain(name);
    expect(schemas).toMatch(new RegExp(`\\b${name}: `));
    expect(specs).toMatch(new RegExp(`\\b${name}['"]?:|DB_MIGRATIONS_TABLE names`));
  });

  it.each(REPLACED)('%s is told what has taken its place', (name) => {
    expect(order).toContain(name);
  });

  it('has the two jobs', () => {
    expect(JSON.parse(textOf('package.json'))).toMatchObject({
      scripts: { 'db:migrate': expect.any(String), 'db:seed': expect.any(String) },
    });
  });
});
