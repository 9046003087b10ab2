import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { ApiProblem } from '../api/client.ts';
import { sessionQuery, signIn } from '../api/session.ts';
import { Problem } from '../parts/problem.tsx';

/** The API tells programs how to send a key; here it was typed. */
function forPeople(error: unknown): unknown {
  if (!(error instanceof ApiProblem) || error.code !== 'WB_UNAUTHORIZED') return error;
  const remedy = 'Use the key that npm start printed, or the one that your operator gave you.';
  return new ApiProblem(error.status, { ...error.document, title: 'That key is not valid', detail: 'nobody is signed in with it', remedy });
}

/** Signs in with a one-time link (`#link=…`, as `npm start` prints it) or a key. The key is sent once and kept nowhere here. */
export function SignIn() {
  const client = useQueryClient();
  const [error, setError] = useState<unknown>();
  const enter = (by: Parameters<typeof signIn>[0]): void => {
    setError(undefined);
    signIn(by).then((session) => client.setQueryData(sessionQuery.queryKey, session), setError);
  };
  useEffect(() => {
    const link = new URLSearchParams(location.hash.slice(1)).get('link');
    if (link === null) return;
    history.replaceState(null, '', location.pathname + location.search);
    enter({ link });
  }, []);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const [key, name] = [given.get('key'), given.get('name')];
    if (typeof key === 'string') enter({ key, name: typeof name === 'string' && name !== '' ? name : undefined });
  };
  return (
    <main className="sign-in">
      <h1 className="brand">Waybill</h1>
      <form className="panel" onSubmit={submit}>
        <label>
          Your name, for the audit
          <input name="name" maxLength={200} autoComplete="username" />
        </label>
        <label>
          Key
          <input name="key" type="password" required autoComplete="current-password" />
        </label>
        {window.isSecureContext ? null : (
          <p className="problem">
            Browsers keep a session only over HTTPS, or on this machine itself: signing in will not work at this address.
          </p>
        )}
        {error === undefined ? null : <Problem error={forPeople(error)} />}
        <button type="submit" className="primary">
          Sign in
        </button>
      </form>
      <p className="quiet">
        <code>npm start</code> prints a link that signs in, and the key. <code>npx waybill dashboard</code> prints a new link.
      </p>
    </main>
  );
}
