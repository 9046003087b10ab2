import { describe, expect, it } from 'vitest';
import { KeyRing, type Session } from './key-ring.ts';
import { mayDo, ROLES } from './role.ts';

const keys = { admin: 'admin-key', operator: 'operator-key', viewer: 'viewer-key' };
const ring = new KeyRing(keys);
const session: Session = { role: 'viewer', name: 'Ada', expiresAtMs: 1_000, by: 'viewer' };
const sealed = ring.seal(session);
const [content = '', signature = ''] = sealed.split('.');
const forged = (changed: Partial<Session>): string => Buffer.from(JSON.stringify({ ...session, ...changed })).toString('base64url');

describe('a key', () => {
  it('has the role that it was given for, and no other text has one', () => {
    expect(Object.values(keys).map((key) => ring.roleOf(key))).toEqual(Object.keys(keys));
    for (const wrong of ['', 'admin-ke', 'admin-key ', 'ADMIN-KEY']) expect(ring.roleOf(wrong)).toBeUndefined();
  });

  it('of a role that has none is nothing', () => {
    expect(new KeyRing({ admin: 'admin-key' }).roleOf('undefined')).toBeUndefined();
    expect(new KeyRing({ admin: 'admin-key' }).roleOf('')).toBeUndefined();
  });

  it('may do what the lesser ones may', () => {
    expect(ROLES.map((role) => mayDo(role, 'operator'))).toEqual([false, true, true]);
  });
});

describe('a session', () => {
  it('is opened by every process with the same keys, until it is over', () => {
    expect(new KeyRing(keys).open(sealed, 999)).toEqual(session);
    expect(ring.open(sealed, 1_000)).toBeUndefined();
  });

  it.each([
    ['another role', `${forged({ role: 'admin' })}.${signature}`],
    ['another name', `${forged({ name: 'Eve' })}.${signature}`],
    ['more time', `${forged({ expiresAtMs: 2_000 })}.${signature}`],
    ['no signature', `${content}.`],
    ['nothing but a dot', '.'],
    ['nothing', ''],
    ['a third part', `${sealed}.`],
    ['a signature in other letters', `${content}.${signature.toUpperCase()}`],
  ])('with %s is none', (_what, changed) => {
    expect(ring.open(changed, 0)).toBeUndefined();
  });

  it('is none where the role that vouches has no key, however it is signed', () => {
    const bare = new KeyRing({ admin: 'admin-key' });
    expect(bare.open(sealed, 0)).toBeUndefined();
    expect(bare.open(`${forged({ role: 'admin' })}.`, 0)).toBeUndefined();
    expect(() => bare.seal(session)).toThrow('viewer');
  });

  it('is none when another release sealed it, with more or less in it', () => {
    for (const other of [{ scope: 'all' }, { role: 'auditor' }, { name: undefined }])
      expect(ring.open(ring.seal(Object.assign({ ...session }, other)), 0)).toBeUndefined();
  });

  it('ends when its own key or that of the admin is replaced, and no other', () => {
    expect(new KeyRing({ ...keys, operator: 'new' }).open(sealed, 0)).toEqual(session);
    expect(new KeyRing({ ...keys, viewer: 'new' }).open(sealed, 0)).toBeUndefined();
    expect(new KeyRing({ ...keys, admin: 'new' }).open(sealed, 0)).toBeUndefined();
  });
});
