import { useQueryClient } from '@tanstack/react-query';
import type { JobChange } from '@waybill/contracts';
import { useState } from 'react';
import { send } from '../../api/client.ts';
import { useMay } from '../../api/session.ts';
import { RateField } from '../../parts/rate-field.tsx';
import { Ask } from '../../parts/ask.tsx';
import { COMMANDS, type Job, jobQuery } from './job.ts';

const WORDS: Readonly<Record<JobChange, { readonly label: string; readonly explains: string }>> = {
  start: { label: 'Start', explains: 'It begins to send, behind whatever comes in live. You can pause or cancel it at any time.' },
  pause: { label: 'Pause', explains: 'Nothing more is planned until it is resumed; what is planned already is delivered.' },
  resume: { label: 'Resume', explains: 'It goes on where it was.' },
  cancel: { label: 'Cancel the job', explains: 'It ends for good. What it planned already is delivered, nothing more is planned.' },
  rate: { label: 'Change the pace', explains: 'From now on it plans at most so many deliveries a second.' },
};

/** What can be done with a job now; each asks for a reason first. */
export function JobCommands({ job }: { readonly job: Job }) {
  const may = useMay('operator');
  const [open, setOpen] = useState<JobChange>();
  const commands = COMMANDS[job.state];
  if (!may || (commands.length === 0 && open === undefined)) return null;
  const [likeliest] = commands;
  return (
    <div className="actions job-commands">
      {commands.map((change) => (
        <button
          key={change}
          type="button"
          className={change === 'cancel' ? 'danger' : change === likeliest ? 'primary' : undefined}
          onClick={() => setOpen(change)}
        >
          {WORDS[change].label} …
        </button>
      ))}
      {open === undefined ? null : <AskChange key={open} job={job} change={open} onClose={() => setOpen(undefined)} />}
    </div>
  );
}

interface AskChangeProps {
  readonly job: Job;
  readonly change: JobChange;
  readonly onClose: () => void;
}

function AskChange({ job: { id, ratePerSecond }, change, onClose }: AskChangeProps) {
  const client = useQueryClient();
  const [rate, setRate] = useState(String(ratePerSecond));
  const { label, explains } = WORDS[change];
  const hasRate = change === 'rate' || change === 'start' || change === 'resume';
  const confirm = async (reason: string): Promise<void> => {
    const body = { reason, ...(hasRate && rate !== '' ? { ratePerSecond: Number(rate) } : {}) };
    const changed = await send<Job>('POST', `/v1/jobs/${encodeURIComponent(id)}/${change}`, body);
    client.setQueryData(jobQuery(id).queryKey, changed);
  };
  return (
    <Ask title={`${label}: ${id}`} action={label} isOpen onClose={onClose} onConfirm={confirm} isDangerous={change === 'cancel'}>
      <p>{explains}</p>
      {hasRate ? <RateField required value={rate} onInput={(event) => setRate(event.currentTarget.value)} /> : null}
    </Ask>
  );
}
