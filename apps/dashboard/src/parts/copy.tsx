import { useState } from 'react';

/** How long it says that it copied, in ms. */
const SAID_MS = 2_000;

/** Copies a text. `what`: what it is, for who cannot see where the button stands. */
export function Copy({ text, what }: { readonly text: string; readonly what: string }) {
  const [said, setSaid] = useState('');
  const say = (word: string): void => {
    setSaid(word);
    setTimeout(() => setSaid(''), SAID_MS);
  };
  const copy = (): void => {
    // A page that came over plain HTTP from elsewhere has no clipboard.
    if (!('clipboard' in navigator)) return say('not allowed');
    navigator.clipboard.writeText(text).then(
      () => say('copied'),
      () => say('not allowed'),
    );
  };
  return (
    <button type="button" className="plain" aria-label={`Copy ${what}`} onClick={copy}>
      {said === '' ? 'copy' : said}
    </button>
  );
}
