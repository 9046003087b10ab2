import { describe, expect, it } from 'vitest';
import { ByteBudget } from './byte-budget.ts';

describe('the budget of bytes', () => {
  it('admits in the order of asking, as soon as there is room', async () => {
    const budget = new ByteBudget(10);
    const admitted: string[] = [];
    const take = async (name: string, bytes: number): Promise<void> => {
      await budget.take(bytes);
      admitted.push(name);
    };
    const all = [take('a', 6), take('b', 6), take('c', 1)];
    await all[0];
    expect([admitted, budget.waiting, budget.inUse]).toEqual([['a'], 2, 6]);
    expect(budget.tryTake(1)).toBe(false);
    budget.give(6);
    await Promise.all(all);
    expect([admitted, budget.waiting, budget.inUse]).toEqual([['a', 'b', 'c'], 0, 7]);
    expect([budget.tryTake(4), budget.tryTake(3)]).toEqual([false, true]);
  });

  it('admits what is larger than all of it when nothing else is there', () => {
    const budget = new ByteBudget(10);
    expect(budget.tryTake(11)).toBe(true);
    expect(budget.tryTake(1)).toBe(false);
    budget.give(11);
    expect([budget.tryTake(1), budget.tryTake(11)]).toEqual([true, false]);
  });
});
