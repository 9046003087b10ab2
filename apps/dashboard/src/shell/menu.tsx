import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { type Session, signOut } from '../api/session.ts';
import { chooseTheme, chosenTheme, THEMES } from './theme.ts';
import { isAt, PAGES } from './pages.ts';

/** The navigation, and below it what concerns the person. */
export function Menu({ session, onHelp, onGo }: { readonly session: Session; readonly onHelp: () => void; readonly onGo: () => void }) {
  const [path] = useLocation();
  return (
    <>
      <nav aria-label="Pages">
        {PAGES.map(({ to, name }) => (
          <Link key={to} href={to} aria-current={isAt(path, to) ? 'page' : undefined} onClick={onGo}>
            {name}
          </Link>
        ))}
      </nav>
      <div className="person">
        <ThemeChoice />
        <p>
          <span className="clip">{session.name}</span> <span className="chip">{session.role}</span>
        </p>
        <p className="actions">
          <button type="button" className="plain" onClick={onHelp}>
            Shortcuts
          </button>
          <SignOut />
        </p>
      </div>
    </>
  );
}

function ThemeChoice() {
  const [theme, setTheme] = useState(chosenTheme);
  const choose = (value: string): void => {
    const next = THEMES.find((one) => one === value) ?? 'system';
    chooseTheme(next);
    setTheme(next);
  };
  return (
    <label>
      Theme
      <select value={theme} onChange={(event) => choose(event.currentTarget.value)}>
        {THEMES.map((one) => (
          <option key={one} value={one}>
            {one === 'system' ? 'as the system' : one}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The page is loaded anew: whoever comes next must not see what this one was shown. */
const SignOut = () => (
  <button type="button" className="plain" onClick={() => void signOut().finally(() => location.reload())}>
    Sign out
  </button>
);
