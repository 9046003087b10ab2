import { createSign } from 'node:crypto';
import { z } from 'zod';
import type { GithubFake } from '../github-fake.ts';

/** A JWT of the App, with `claims` over the right ones. */
export function appJwt(fake: GithubFake, claims: Record<string, unknown> = {}): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat: now - 30, exp: now + 570, iss: fake.app.id, ...claims })}`;
  return `${text}.${createSign('RSA-SHA256').update(text).sign(fake.app.privateKey).toString('base64url')}`;
}

/** Calls `METHOD /path` with these credentials, by REST version 2026-03-10 unless `headers` say otherwise. */
export function caller(fake: GithubFake, credentials: string) {
  return async (route: string, body?: unknown, headers: Record<string, string> = {}) => {
    const [method = 'GET', path = ''] = route.split(' ');
    const response = await fetch(new URL(path, fake.url), {
      method,
      redirect: 'manual',
      headers: {
        authorization: `Bearer ${credentials}`,
        'x-github-api-version': '2026-03-10',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      text,
      json: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : undefined,
      headers: response.headers,
    };
  };
}

/** The JSON of the answer is under `json`. */
export type Call = ReturnType<typeof caller>;

/** Calls as the App. */
export function asApp(fake: GithubFake): Call {
  return caller(fake, appJwt(fake));
}

/** Calls as an installation, with a new token of this scope. */
export async function asInstallation(fake: GithubFake, owner: string, scope: Record<string, unknown> = {}): Promise<Call> {
  const { installationId } = fake.owner(owner);
  const said = await asApp(fake)(`POST /app/installations/${installationId}/access_tokens`, scope);
  return caller(fake, z.object({ token: z.string() }).parse(said.json).token);
}
