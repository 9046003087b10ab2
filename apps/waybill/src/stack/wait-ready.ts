/** All services are asked at once while they need the processor to start: ten times a second cost as much as one of them. */
const POLL_MS = 250;
const REQUEST_MS = 1_000;

/** Waits until `GET <url>/health/ready` answers 200. Throws with the last thing seen when the budget is over or the signal aborts. */
export async function waitReady(url: string, budgetMs: number, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + budgetMs;
  let seen = 'no answer';
  while (performance.now() < deadline) {
    signal.throwIfAborted();
    seen = await probe(url);
    if (seen === 'ready') return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`${url} was not ready within ${Math.round(budgetMs / 1000)} s: ${seen}`);
}

async function probe(url: string): Promise<string> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(REQUEST_MS) });
    const body = await response.text();
    return response.ok ? 'ready' : body;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
