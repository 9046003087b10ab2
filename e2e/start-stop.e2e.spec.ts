import { once } from 'node:events';
import { rm } from 'node:fs/promises';
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

describe('starting and stopping', () => {
  let stack: LocalStack;
  afterEach(() => stack.destroy());

  it('drains on Ctrl-C and leaves no process behind', async () => {
    stack = await LocalStack.create();
    const running = stack.foreground();
    await eventually(() => isReady(stack), 90_000);
    const pids = await pidsOf(stack);
    expect(pids).toHaveLength(13);
    running.kill('SIGINT');
    expect(await once(running, 'exit')).toEqual([0, null]);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('refuses a second stack on the same folder, and names ports in use', async () => {
    stack = await LocalStack.create();
    expect((await stack.up()).code).toBe(0);
    const second = await new LocalStack(stack.dataDir, stack.port, {}).up();
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/runs on this folder already/);
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const address = blocker.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const other = await LocalStack.create();
    const blocked = await new LocalStack(other.dataDir, port, {}).up();
    // Other stacks of this run may hold ports behind this one: they are named too.
    expect(blocked.stderr).toMatch(new RegExp(`ports in use: (.*, )?${port} \\([a-z0-9-]+ ingress\\)`));
    blocker.close();
    await rm(other.dataDir, { recursive: true });
  });

  it('starts again what dies, and a killed supervisor leaves nothing that the next start does not end', async () => {
    stack = await LocalStack.create();
    await stack.up();
    const { regions, pid } = await stack.state();
    const planner = regions[0]?.pids['planner'] ?? 0;
    process.kill(planner, 'SIGKILL');
    await eventually(async () => ((await stack.state()).regions[0]?.pids['planner'] ?? planner) !== planner);
    const left = await pidsOf(stack);
    process.kill(pid, 'SIGKILL');
    await eventually(() => !isAlive(pid));
    expect((await stack.up()).code).toBe(0);
    expect(left.filter(isAlive)).toEqual([]);
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
