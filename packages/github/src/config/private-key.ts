import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';

const HEAD = '-----BEGIN';

function pemOf(given: string): string {
  const text = given.startsWith('file:') ? readFileSync(given.slice('file:'.length), 'utf8') : given;
  const unescaped = text.replaceAll(String.raw`\n`, '\n').trim();
  return unescaped.includes(HEAD) ? unescaped : Buffer.from(unescaped, 'base64').toString('utf8').trim();
}

/** The App's key as PEM, from what may stand in the environment: PEM, PEM with `\n` for line ends, base64 of a PEM, or `file:PATH` of any of these. Undefined when it is no RSA key; never throws. */
export function readPrivateKey(given: string): string | undefined {
  try {
    const pem = pemOf(given.trim());
    return createPrivateKey(pem).asymmetricKeyType === 'rsa' ? pem : undefined;
  } catch {
    // What was thrown may hold the key or its path: it goes nowhere.
    return undefined;
  }
}
