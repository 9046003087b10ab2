import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useCallback, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { ApiProblem } from '../api/client.ts';
import { type Session, sessionQuery } from '../api/session.ts';
import { Live } from '../live/live.tsx';
import { Boundary } from '../parts/boundary.tsx';
import { Problem } from '../parts/problem.tsx';
import { Banner } from './banner.tsx';
import { Help } from './help.tsx';
import { Menu } from './menu.tsx';
import { PAGES } from './pages.ts';
import { RegionLinks } from './region-links.tsx';
import { Search } from './search.tsx';
import { SignIn } from './sign-in.tsx';
import { useKeys } from './use-keys.ts';
import { usePageStart } from './use-page-start.ts';

/** What is around every page: sign-in before it, navigation beside it. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const { data, error, refetch } = useQuery(sessionQuery);
  if (error instanceof ApiProblem && error.status === 401) return <SignIn />;
  if (data !== undefined) return <Signed session={data}>{children}</Signed>;
  return (
    <main className="sign-in">
      {error === null ? (
        <p className="loading" role="status">
          Loading …
        </p>
      ) : (
        <Problem error={error} onAgain={() => void refetch()} />
      )}
    </main>
  );
}

function Signed({ session, children }: { readonly session: Session; readonly children: ReactNode }) {
  const [open, setOpen] = useState<'search' | 'help'>();
  const [path, navigate] = useLocation();
  const menu = useRef<HTMLDivElement>(null);
  const main = useRef<HTMLElement>(null);
  const close = useCallback(() => setOpen(undefined), []);
  const search = useCallback(() => setOpen('search'), []);
  const help = useCallback(() => setOpen('help'), []);
  const jump = useCallback((pressed: string) => navigateTo(pressed, navigate), [navigate]);
  usePageStart(main);
  useKeys({ onSearch: search, onHelp: help, onJump: jump });
  return (
    <Live>
      <a className="skip" href="#main">
        To the content
      </a>
      <div className="shell">
        <header className="side">
          <Link href="/" className="brand">
            Waybill
          </Link>
          <RegionLinks region={session.region} />
          <button type="button" className="search-open" aria-label="Search" onClick={search}>
            <span>Search</span> <kbd>/</kbd>
          </button>
          <button type="button" className="menu-open" popoverTarget="menu">
            Menu
          </button>
          <div className="menu" id="menu" popover="auto" ref={menu}>
            <Menu session={session} onHelp={help} onGo={() => menu.current?.hidePopover()} />
          </div>
        </header>
        <main id="main" tabIndex={-1} ref={main}>
          <Banner />
          <Boundary of={path}>{children}</Boundary>
        </main>
      </div>
      <Search isOpen={open === 'search'} onClose={close} />
      <Help isOpen={open === 'help'} onClose={close} />
    </Live>
  );
}

function navigateTo(pressed: string, navigate: (to: string) => void): void {
  const page = PAGES.find(({ key }) => key === pressed);
  if (page !== undefined) navigate(page.to);
}
