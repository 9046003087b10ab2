import { GithubFake, seedDemo } from '@waybill/github-fake';

/** The GitHub that the local stack talks to when no App is configured, and the variables with which the services find it. */
export interface LocalGithub {
  readonly url: string;
  readonly env: NodeJS.ProcessEnv;
  close(): Promise<void>;
}

/**
 * Starts a GitHub of our own on loopback with a few repositories that trust each other, so that dispatching can be tried without an account. Its App
 * gets a new key at each start, kept in memory alone. `webhookUrl`: where its webhooks go until somebody says otherwise.
 */
export async function startLocalGithub(port: number, webhookUrl: string): Promise<LocalGithub> {
  const fake = await GithubFake.start({ port, firstRunId: Date.now() });
  seedDemo(fake);
  fake.hookUrl = webhookUrl;
  const { id, slug, privateKey, webhookSecret } = fake.app;
  return {
    url: fake.url,
    env: {
      GITHUB_APP_ID: id,
      GITHUB_APP_SLUG: slug,
      GITHUB_APP_PRIVATE_KEY: privateKey,
      GITHUB_WEBHOOK_SECRET: webhookSecret,
      GITHUB_API_URL: fake.url,
      ALLOWED_OWNERS: 'acme',
    },
    close: () => fake.close(),
  };
}
