import { z } from 'zod';

/** An id of GitHub: text from here on, whatever its size. */
export const githubId = z.union([z.int(), z.bigint(), z.string().regex(/^\d+$/)]).transform(String);

const NAME = /^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,100}$/;

/** Whether these can be an owner and a repository; `..` would lead to another path of the API. */
export const isRepositoryName = (owner: string, name: string): boolean => NAME.test(owner) && NAME.test(name);
