import { githubPort, receiverPort, tracesPort } from './layout.ts';
import { startLocalGithub } from './local-github.ts';
import { startLocalReceiver } from './local-receiver.ts';
import { startLocalTraces } from './local-traces.ts';
import { hasOwnApp } from './own-app.ts';

/** What is no part of the product and belongs to a stack on one machine all the same: where events go, the GitHub that they may come from, and where it is told what was done. */
export interface Outside {
  /** Absent when the user has an App of their own. */
  readonly githubUrl?: string | undefined;
  /** Absent when spans go elsewhere, or nowhere. */
  readonly tracesUrl?: string | undefined;
  /** The variables with which the services find that GitHub. */
  readonly github: NodeJS.ProcessEnv;
  /** The variables with which they tell spans, and find them again. */
  readonly traces: NodeJS.ProcessEnv;
  close(): Promise<void>;
}

interface OutsideOptions {
  readonly basePort: number;
  readonly hubNodes: number;
  /** Where GitHub's webhooks go. */
  readonly webhookUrl: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Starts the local receiver, a GitHub unless an App is configured, and a trace store unless spans go elsewhere. */
export async function startOutside({ basePort, hubNodes, webhookUrl, env }: OutsideOptions): Promise<Outside> {
  const receiver = await startLocalReceiver(receiverPort(basePort), () => undefined);
  const traces = await startLocalTraces(tracesPort(basePort, hubNodes), env);
  const github = hasOwnApp(env) ? undefined : await startLocalGithub(githubPort(basePort, hubNodes), webhookUrl);
  return {
    githubUrl: github?.url,
    tracesUrl: traces?.url,
    github: github?.env ?? {},
    traces: traces?.env ?? {},
    close: async () => {
      receiver.closeAllConnections();
      receiver.close();
      await traces?.close();
      await github?.close();
    },
  };
}
