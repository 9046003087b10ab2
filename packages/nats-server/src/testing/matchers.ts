import { expect } from 'vitest';

/** Vitest's own matchers are typed `any`; these are the same, typed so that nothing can be done with them but comparing. */
export const containing = (text: string): unknown => expect.stringContaining(text);
export const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
