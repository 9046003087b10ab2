import { once } from 'node:events';
import { createServer } from 'node:net';
import { eventually } from '@waybill/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { LocalStack } from './stack.fixture.ts';

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const pidsOf = async (stack: LocalStack): Promise<number[]> => {
  const { hub, regions } = await stack.state();
  return [...regions.flatMap(({ pids }) => Object.values(pids)), ...hub.pids];
};
const isReady = (stack: LocalStack): Promise<boolean> =>
  stack.state().then(
    ({ ready, pid }) => ready && isAlive(pid),
    () => false,
  );

/** Starts on the folder of `stack` from a port on which somebody listens already. */
async function startOnUsedPort(stack: LocalStack): Promise<{ port: number; stderr: string }> {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const address = blocker.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { stderr } = await new LocalStack(stack.dataDir, port, {}).up();
  blocker.close();
  return { port, stderr };
}

describe('starting and stopping', () => {
  let stack: LocalStack;
  afterEach(() => stack.destroy());

  it('names ports in use, refuses a second stack on the same folder, starts again what dies, and leaves nothing behind', async () => {
    stack = await LocalStack.create();
    const blocked = await startOnUsedPort(stack);
    // Other stacks of this run may hold ports behind this one: they are named too.
    expect(blocked.stderr).toMatch(new RegExp(`ports in use: (.*, )?${blocked.port} \\([a-z0-9-]+ ingress\\)`));

    expect((await stack.up()).code).toBe(0);
    const second = await new LocalStack(stack.dataDir, stack.port, {}).up();
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/runs on this folder already/);

    const { regions, pid } = await stack.state();
    const planner = regions[0]?.pids['planner'] ?? 0;
    process.kill(planner, 'SIGKILL');
    await eventually(async () => ((await stack.state()).regions[0]?.pids['planner'] ?? planner) !== planner);
    const left = await pidsOf(stack);
    process.kill(pid, 'SIGKILL');
    await eventually(() => !isAlive(pid));

    // A killed supervisor leaves nothing that the next start does not end; that one is in a terminal.
    const running = stack.foreground();
    await eventually(() => isReady(stack), 90_000);
    expect(left.filter(isAlive)).toEqual([]);
    const pids = await pidsOf(stack);
    expect(pids).toHaveLength(13);
    running.kill('SIGINT');
    expect(await once(running, 'exit')).toEqual([0, null]);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it.each([
    [['up', '--regions', 'a,a'], /twice/],
    [['up', '--port', 'x'], /whole number/],
    [['event', 'evt_1'], /no stack runs/],
    [['nonsense'], /unknown command/],
  ])('%j says what to do instead', async (args, message) => {
    stack = await LocalStack.create();
    const told = await stack.cli(...args);
    expect(told.code).toBe(1);
    expect(told.stderr).toMatch(message);
  });
});
