import { expect, it } from 'vitest';
import { Traces } from './traces.ts';

it.each(['.', '..'])('asks for no path but that of a trace: %s', async (id) => {
  const traces = new Traces('http://127.0.0.1:9');
  expect(() => traces.show(id)).toThrow(expect.objectContaining({ code: 'WB_TRACE_UNKNOWN' }));
  await traces.close();
});
