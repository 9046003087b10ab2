import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { ApiProblem } from '../api/client.ts';
import { sessionQuery } from '../api/session.ts';
import { Live } from '../live/live.tsx';
import { Problem } from '../parts/problem.tsx';
import { SignIn } from './sign-in.tsx';

const PAGES = [
  ['/', 'Regions'],
  ['/events', 'Events'],
  ['/deliveries', 'Deliveries'],
  ['/dead-letters', 'Dead letters'],
  ['/endpoints', 'Endpoints'],
  ['/dispatches', 'Dispatches'],
  ['/schemas', 'Schemas'],
  ['/jobs', 'Jobs'],
  ['/audit', 'Audit'],
  ['/settings', 'Settings'],
] as const;

/** What is around every page: sign-in before it, navigation beside it. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const session = useQuery(sessionQuery);
  const [path] = useLocation();
  if (session.data === undefined) {
    if (session.error instanceof ApiProblem && session.error.status === 401) return <SignIn />;
    if (session.error !== null) return <Problem error={session.error} onAgain={() => void session.refetch()} />;
    return (
      <p className="loading" role="status">
        Loading …
      </p>
    );
  }
  return (
    <Live>
      <a className="skip" href="#main">
        To the content
      </a>
      <nav aria-label="Pages">
        {PAGES.map(([to, name]) => (
          <Link key={to} href={to} aria-current={isAt(path, to) ? 'page' : undefined}>
            {name}
          </Link>
        ))}
      </nav>
      <main id="main">{children}</main>
    </Live>
  );
}

const isAt = (path: string, to: string): boolean => (to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`));
