import { Link } from 'wouter';

/** The two ways to look at dead letters. */
export function Tabs({ current }: { readonly current: 'groups' | 'list' }) {
  return (
    <nav className="tabs" aria-label="Ways to look at dead letters">
      <Link href="/dead-letters" aria-current={current === 'groups' ? 'page' : undefined}>
        By cause
      </Link>
      <Link href="/dead-letters?view=list" aria-current={current === 'list' ? 'page' : undefined}>
        One by one
      </Link>
    </nav>
  );
}
