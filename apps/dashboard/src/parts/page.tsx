import { type ReactNode, useEffect } from 'react';

export interface PageProps {
  readonly title: string;
  /** Buttons and links of the page. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A page with its heading; the title is the tab's too. */
export function Page({ title, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Waybill`;
  }, [title]);
  return (
    <>
      <header className="page-head">
        <h1>{title}</h1>
        <div className="actions">{actions}</div>
      </header>
      {children}
    </>
  );
}
