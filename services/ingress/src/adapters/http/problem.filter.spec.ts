import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { createLogger, type Logger } from '@waybill/runtime';
import { WaybillError } from '@waybill/contracts';
import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { ProblemFilter } from './problem.filter.ts';

/** A server whose only route throws what `next` says, with the lines that the filter wrote. */
async function serverOf(next: () => Error) {
  const lines: Record<string, unknown>[] = [];
  const logger: Logger = createLogger({ service: 'test', region: 'test', level: 'silent' });
  logger.warn = (line: unknown) => void lines.push(Object(line));
  let nowMs = 0;
  const filter = new ProblemFilter(
    logger,
    () => nowMs,
    () => undefined,
  );
  const server = Fastify();
  server.get('/things/:id', (request, reply) => {
    filter.catch(next(), new ExecutionContextHost([request, reply]));
    return reply;
  });
  await server.ready();
  return {
    lines,
    later: (ms: number) => {
      nowMs += ms;
    },
    get: () => server.inject({ url: '/things/7?token=hush', headers: { authorization: 'Bearer hush' } }),
  };
}

it('answers with the problem and writes one line, without headers or query', async () => {
  const server = await serverOf(() => new WaybillError('WB_NATS_AWAY', 'gone'));
  const { statusCode, headers } = await server.get();
  expect([statusCode, headers['retry-after']]).toEqual([503, '1']);
  expect(server.lines).toMatchObject([{ event: 'request.refused', code: 'WB_NATS_AWAY', route: '/things/:id', params: { id: '7' } }]);
  expect(JSON.stringify(server.lines)).not.toContain('hush');
});

it('tells nobody outside what broke here, but the log', async () => {
  const bug = new Error('the inside');
  const server = await serverOf(() => bug);
  const { statusCode, body } = await server.get();
  expect(statusCode).toBe(500);
  expect(body).not.toContain('the inside');
  expect(server.lines).toMatchObject([{ code: 'WB_INTERNAL', err: bug }]);
});

it('writes a flood down by its number', async () => {
  const server = await serverOf(() => new WaybillError('WB_SIGNATURE_INVALID', 'no'));
  for (let n = 0; n < 500; n += 1) await server.get();
  expect(server.lines).toHaveLength(120);
  server.later(60_000);
  await server.get();
  expect(server.lines.at(-1)).toMatchObject({ unwritten: 380 });
});
