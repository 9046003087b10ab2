import { type FormEvent, type ReactNode, useState } from 'react';
import { Dialog } from './dialog.tsx';
import { Problem } from './problem.tsx';

export interface AskProps {
  readonly title: string;
  /** What the button says that does it: a verb, as "Redrive 12". */
  readonly action: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** Does it, with the reason that was given; what it throws is shown, and the dialog stays. */
  readonly onConfirm: (reason: string) => Promise<void>;
  /** Whether a reason must be given; absent: yes. */
  readonly needsReason?: boolean;
  readonly isDangerous?: boolean;
  readonly children?: ReactNode;
}

/** Asks before something is done, with a reason for the audit. */
export function Ask(props: AskProps) {
  const { title, isOpen, onClose } = props;
  return (
    <Dialog title={title} isOpen={isOpen} onClose={onClose}>
      <Question {...props} />
    </Dialog>
  );
}

function Question({ title, action, onClose, onConfirm, needsReason = true, isDangerous = false, children }: AskProps) {
  const [reason, setReason] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const confirm = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    onConfirm(reason.trim())
      .then(onClose, setError)
      .finally(() => setBusy(false));
  };
  return (
    <form onSubmit={confirm}>
      <h2>{title}</h2>
      {children}
      {needsReason ? (
        <label>
          Reason, for the audit
          <input required maxLength={500} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
        </label>
      ) : null}
      {error === undefined ? null : <Problem error={error} />}
      <div className="actions">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className={isDangerous ? 'danger' : 'primary'} disabled={isBusy}>
          {isBusy ? 'Working …' : action}
        </button>
      </div>
    </form>
  );
}
