/** Saves, and then dies: what a process does that is killed between the rows and the commit. */
export const failAfter =
  <T>(save: (changes: T) => Promise<void>) =>
  async (changes: T): Promise<void> => {
    await save(changes);
    throw new Error('killed between the rows and the commit');
  };
