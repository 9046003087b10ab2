import { Dialog } from '../parts/dialog.tsx';
import { PAGES } from './pages.ts';

/** The keys that work on every page. */
export function Help({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  return (
    <Dialog title="Shortcuts" isOpen={isOpen} onClose={onClose}>
      <div className="stack">
        <h2>Shortcuts</h2>
        <dl className="kv keys">
          <Key keys={['/']}>search</Key>
          <Key keys={['?']}>this help</Key>
          <Key keys={['Esc']}>close what is open</Key>
          {PAGES.map(({ to, name, key }) => (
            <Key key={to} keys={['g', key]}>
              {name}
            </Key>
          ))}
        </dl>
        <div className="actions">
          <button type="button" onClick={onClose}>
            Close
          </button>
        </div>
      </div>
    </Dialog>
  );
}

const Key = ({ keys, children }: { readonly keys: readonly string[]; readonly children: string }) => (
  <>
    <dt>
      {keys.map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </dt>
    <dd>{children}</dd>
  </>
);
