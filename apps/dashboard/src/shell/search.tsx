import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useState } from 'react';
import { Link } from 'wouter';
import { get, pathOf } from '../api/client.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Problem } from '../parts/problem.tsx';
import { Ago } from '../parts/time.tsx';
import { addressOf, type Found } from './found.ts';

/** How long nothing is typed before it is looked for, in ms. */
const PAUSE_MS = 150;
const LEAST_CHARS = 2;

/** Finds an id, the beginning of one, an endpoint's URL, a tenant, a correlation id or a repository, and leads there. */
export function Search({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  return (
    <Dialog title="Search" isOpen={isOpen} onClose={onClose} className="search">
      <SearchField onClose={onClose} />
    </Dialog>
  );
}

function SearchField({ onClose }: { readonly onClose: () => void }) {
  const [text, setText] = useState('');
  const asked = usePaused(text.trim());
  const isAsked = asked.length >= LEAST_CHARS;
  const { data, error, refetch } = useQuery({
    queryKey: ['search', asked],
    queryFn: ({ signal }) => get<{ readonly data: readonly Found[] }>(pathOf('/v1/search', { q: asked }), signal),
    enabled: isAsked,
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  const found = isAsked ? data?.data : undefined;
  return (
    <div className="stack" role="search" onKeyDown={move}>
      <label>
        An id, the beginning of one, an endpoint’s URL, a tenant, a repository
        <input
          type="search"
          autoFocus
          value={text}
          maxLength={200}
          autoComplete="off"
          spellCheck={false}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      {error === null ? null : <Problem error={error} onAgain={() => void refetch()} />}
      <p className="hint" role="status">
        {isAsked ? sentenceOf(found) : 'Two characters or more. Arrow keys move, Enter opens.'}
      </p>
      <ul className="found">
        {found?.map((one) => (
          <li key={`${one.kind} ${one.id} ${one.tenantId ?? ''}`}>
            <FoundLink found={one} onGo={onClose} />
          </li>
        ))}
      </ul>
    </div>
  );
}

const FoundLink = ({ found, onGo }: { readonly found: Found; readonly onGo: () => void }) => (
  <Link href={addressOf(found)} onClick={onGo}>
    <span className="chip">{found.kind}</span>
    <strong className="clip">{found.title}</strong>
    <span className="quiet clip">{found.detail}</span>
    {found.at === undefined ? null : <Ago at={found.at} />}
    {found.id === found.title ? null : <code className="clip">{found.id}</code>}
  </Link>
);

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

/** Enter in the field opens the first link; arrows go through them. */
function move(event: KeyboardEvent<HTMLElement>): void {
  const links = [...event.currentTarget.querySelectorAll('a')];
  if (event.key === 'Enter' && event.target instanceof HTMLInputElement) links[0]?.click();
  const step = STEPS[event.key];
  if (step === undefined) return;
  event.preventDefault();
  links[links.findIndex((link) => link === document.activeElement) + step]?.focus();
}

function sentenceOf(found: readonly Found[] | undefined): string {
  if (found === undefined) return 'Looking …';
  if (found.length === 0)
    return 'Nothing begins like that. Ids and URLs are found by how they begin, correlation ids and repositories only as a whole.';
  return found.length === 1 ? 'One found. Enter opens it.' : `${found.length} found. Enter opens the first.`;
}

/** A text as it was when it last stopped changing. */
function usePaused(text: string): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return paused;
}
