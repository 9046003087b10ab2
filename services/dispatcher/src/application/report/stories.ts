import type { EventId } from '@waybill/contracts';
import { countsForIssue, isLater, splitDigest, targetsOf, verdictOf, workflowKeyOf } from '../../domain/report/outcome.ts';
import { type Decided, type DispatchFact, foldStory, type Story } from '../../domain/report/story.ts';

/** What is known of the issue of a workflow: `digest` is the last one that was written, by whichever of its runs. */
export interface KnownIssue {
  readonly digest: string;
  readonly at: string;
}

/** A story whose decision is known. */
export type DecidedStory = Story & { readonly decided: Decided };

const MAX_STORIES = 10_000;

/** The stories of the last days in memory, by their event; bounded, the oldest go first. Fed by the facts of all regions. */
export class Stories {
  readonly #stories = new Map<EventId, Story>();
  /** The newest run of each workflow that says something about its issue. */
  readonly #newest = new Map<string, EventId>();
  readonly #issues = new Map<string, KnownIssue>();
  readonly #max: number;
  readonly #onForgotten: (eventId: EventId) => void;

  constructor(onForgotten: (eventId: EventId) => void, max = MAX_STORIES) {
    this.#onForgotten = onForgotten;
    this.#max = max;
  }

  get size(): number {
    return this.#stories.size;
  }

  /** The story of this event; undefined as long as its decision is not known. */
  of(eventId: EventId): DecidedStory | undefined {
    return withDecision(this.#stories.get(eventId));
  }

  /** Takes in one more fact, and returns its story. */
  apply(told: DispatchFact): Story {
    const { eventId } = told.fact;
    const story = foldStory(this.#stories.get(eventId), told);
    this.#stories.set(eventId, story);
    const decided = withDecision(story);
    if (decided !== undefined) this.#index(decided);
    if (this.#stories.size > this.#max) this.#forgetOldest();
    return story;
  }

  /** The newest story of a workflow that says whether there should be an issue. */
  newestOf(workflow: string): DecidedStory | undefined {
    const eventId = this.#newest.get(workflow);
    return eventId === undefined ? undefined : this.of(eventId);
  }

  issueOf(workflow: string): KnownIssue | undefined {
    return this.#issues.get(workflow);
  }

  #index(story: DecidedStory): void {
    const workflow = workflowKeyOf(story.decided);
    const { reported } = story;
    const digest = splitDigest(reported?.digest).issue;
    const known = this.#issues.get(workflow);
    if (reported !== undefined && digest !== undefined && (known === undefined || known.at <= reported.at)) {
      this.#issues.set(workflow, { digest, at: reported.at });
    }
    if (!countsForIssue(story.decided) || verdictOf(targetsOf(story)) === undefined) return;
    const newest = this.newestOf(workflow);
    if (newest === undefined || isLater(story.decided, newest.decided)) this.#newest.set(workflow, story.eventId);
  }

  #forgetOldest(): void {
    const [oldest] = this.#stories.values();
    if (oldest === undefined) return;
    this.#stories.delete(oldest.eventId);
    this.#onForgotten(oldest.eventId);
    if (oldest.decided === undefined) return;
    const workflow = workflowKeyOf(oldest.decided);
    if (this.#newest.get(workflow) !== oldest.eventId) return;
    this.#newest.delete(workflow);
    this.#issues.delete(workflow);
  }
}

const withDecision = (story: Story | undefined): DecidedStory | undefined => {
  const decided = story?.decided;
  return story === undefined || decided === undefined ? undefined : { ...story, decided };
};
