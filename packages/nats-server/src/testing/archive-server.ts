import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { script, temporaryFolder } from './sandbox.ts';

/** A release archive as the project builds them, with a shell script for a server. */
export function buildArchive(stem: string, body: string): { bytes: Buffer; sha256: string } {
  const folder = temporaryFolder();
  script(join(folder, stem), 'nats-server', body);
  execFileSync('tar', ['-czf', 'archive.tar.gz', stem], { cwd: folder });
  const bytes = readFileSync(join(folder, 'archive.tar.gz'));
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Serves answers by path on a free port; a path without an answer is 404. Returns its address and the paths that were asked for. */
export async function serve(answers: Record<string, (response: ServerResponse) => void>): Promise<{ base: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const answer = answers[path];
    if (answer === undefined) response.writeHead(404).end();
    else answer(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { base: `http://127.0.0.1:${address.port}`, asked };
}
