import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { isAway } from '../api/client.ts';
import { sessionQuery } from '../api/session.ts';
import { useFollowing } from '../live/live.tsx';

/** From so many messages on that are not read yet, what is shown is called old. */
const MUCH_BEHIND = 2_000;
/** A connection that comes back within this time was never worth a word, in ms. */
const GRACE_MS = 4_000;

/** Says above every page why what it shows may be old. Nothing when it is not. */
export function Banner() {
  const { mode, state } = useFollowing();
  const { error } = useQuery(sessionQuery);
  const isPolling = useLasting(mode === 'polling');
  const away = isAway(error);
  const problems = state?.problems.map(({ part, detail }) => `${part}: ${detail}`) ?? [];
  const messages = [
    away ? 'This region does not answer. What was loaded stays; it is asked again every ten seconds.' : undefined,
    isPolling && !away ? 'Live updates are away. What is shown is asked for every ten seconds.' : undefined,
    state?.rebuilding === true
      ? 'The read models are being built anew. Until they are done, the present ones are shown, and they stay up to date.'
      : undefined,
    (state?.behind ?? 0) >= MUCH_BEHIND
      ? `The read models are ${state?.behind} messages behind: what happened just now comes later.`
      : undefined,
    problems.length > 0 ? `What is shown may be old, or a part of it away. ${problems.join('; ')}` : undefined,
  ].filter((message) => message !== undefined);
  return (
    <div className="banner" role="status">
      {messages.map((message) => (
        <p key={message} className={away ? 'note bad' : 'note warn'}>
          {message}
        </p>
      ))}
    </div>
  );
}

/** Whether something holds, and has held for a while. */
function useLasting(holds: boolean): boolean {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    if (!holds) return setLasts(false);
    const timer = setTimeout(() => setLasts(true), GRACE_MS);
    return () => clearTimeout(timer);
  }, [holds]);
  return lasts;
}
