import { githubPort, receiverPort } from './layout.ts';
import { startLocalGithub } from './local-github.ts';
import { startLocalReceiver } from './local-receiver.ts';
import { hasOwnApp } from './own-app.ts';

/** What is no part of the product and belongs to a stack on one machine all the same: where events go, and the GitHub that they may come from. */
export interface Outside {
  /** Absent when the user has an App of their own. */
  readonly githubUrl?: string | undefined;
  /** The variables with which the services find that GitHub. */
  readonly env: NodeJS.ProcessEnv;
  close(): Promise<void>;
}

interface OutsideOptions {
  readonly basePort: number;
  readonly hubNodes: number;
  /** Where GitHub's webhooks go. */
  readonly webhookUrl: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Starts the local receiver, and a GitHub unless an App is configured. */
export async function startOutside({ basePort, hubNodes, webhookUrl, env }: OutsideOptions): Promise<Outside> {
  const receiver = await startLocalReceiver(receiverPort(basePort), () => undefined);
  const closeReceiver = (): void => {
    receiver.closeAllConnections();
    receiver.close();
  };
  if (hasOwnApp(env)) return { env: {}, close: async () => closeReceiver() };
  const github = await startLocalGithub(githubPort(basePort, hubNodes), webhookUrl);
  return {
    githubUrl: github.url,
    env: github.env,
    close: async () => {
      closeReceiver();
      await github.close();
    },
  };
}
