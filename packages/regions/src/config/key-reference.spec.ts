import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readKey, resolveKey } from './key-reference.ts';

const SECRET = 'hunter2-not-for-eyes';
const folder = mkdtempSync(join(tmpdir(), 'waybill-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

describe('a key', () => {
  it.each([
    ['itself', SECRET],
    ['a variable', 'env:MY_KEY'],
    ['a file', `file:${file('key', `\n  ${SECRET}\n`)}`],
  ])('is %s', (_, key) => {
    expect(resolveKey(key, { MY_KEY: `${SECRET}\n` })).toEqual({ secret: SECRET });
  });

  it.each([
    ['env:GONE', 'the variable GONE is not set; set it, or refer to another one'],
    ['env:EMPTY', 'the variable EMPTY is not set; set it, or refer to another one'],
    ['env:LINES', 'the variable LINES has several lines; a key is one line: user:password, or a token'],
    ['env:no name', 'env: is not followed by the name of a variable; write env:NAME'],
    ['file:', 'file: is not followed by a path; write file:PATH'],
    [`file:${folder}/gone`, `the file ${folder}/gone cannot be read (ENOENT); create it, or let this user read it`],
    [`file:${folder}`, `${folder} is not a file; name a file that holds the key and nothing else`],
    ['file:/dev/zero', '/dev/zero is not a file; name a file that holds the key and nothing else'],
    [`file:${file('empty', ' \n')}`, `the file ${folder}/empty is empty; write the key into it`],
    [
      `file:${file('creds', `-----BEGIN\n${SECRET}`)}`,
      `the file ${folder}/creds has several lines; a key is one line: user:password, or a token`,
    ],
    [
      `file:${file('large', SECRET.repeat(4_000))}`,
      `${folder}/large is too large for a key; name a file that holds the key and nothing else`,
    ],
    [`-----BEGIN\n${SECRET}`, 'the key has several lines; a key is one line: user:password, or a token'],
  ])('is refused: %j', (key, problem) => {
    expect(resolveKey(key, { EMPTY: '', LINES: `a\n${SECRET}` })).toEqual({ problem });
    expect(problem).not.toContain(SECRET);
  });
});

describe('the form of a key', () => {
  it.each(['env:GONE', `file:${folder}/gone`])('is sound although nothing is there: %s', (key) => {
    expect(readKey(key)).toEqual({ reference: key });
  });

  it.each(['env:no name', 'env:', 'file:', `-----BEGIN\n${SECRET}`])('is refused as when it is looked up: %j', (key) => {
    expect(readKey(key)).toEqual(resolveKey(key, {}));
    expect(readKey(key)).toHaveProperty('problem');
  });

  it('is the secret where there is no reference', () => {
    expect(readKey('waybill:x')).toEqual({ secret: 'waybill:x' });
  });
});
