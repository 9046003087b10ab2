import { useEffect } from 'react';

/** How long `g` waits for the key of a page, in ms. */
const JUMP_MS = 1_500;

export interface Keys {
  readonly onSearch: () => void;
  readonly onHelp: () => void;
  /** After `g`: the next key. */
  readonly onJump: (key: string) => void;
}

/** Listens for the keys that work on every page: `/`, `?`, and `g` with another. Not while somebody types, or a dialog is open. */
export function useKeys({ onSearch, onHelp, onJump }: Keys): void {
  useEffect(() => {
    let jumpUntil = 0;
    const pressed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const isJump = event.timeStamp < jumpUntil;
      jumpUntil = 0;
      if (isJump) return onJump(event.key);
      if (event.key === 'g') jumpUntil = event.timeStamp + JUMP_MS;
      else if (event.key === '?') onHelp();
      else if (event.key === '/') {
        // Else the slash is the first thing in the field.
        event.preventDefault();
        onSearch();
      }
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, [onSearch, onHelp, onJump]);
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input:not([type=checkbox], [type=radio]), textarea, select, dialog') !== null;
