// Where others can reach the server it asks for its token. A link with the token in its fragment logs in by itself; else the
// token is asked for. The server gives a cookie for it, so that the token is nowhere in the browser afterwards.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { logIn } from '../data/api.js';
import { isLoginDue, problemOf } from '../data/problem.js';

/** Logs in with the token of the address, if it has one, and takes it out of the address and the history. */
export async function logInByAddress(): Promise<void> {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return;
  history.replaceState(history.state, '', location.pathname + location.search);
  try {
    await logIn(token);
  } catch {
    // The first question of the page is refused then, and the form says why.
    isLoginDue.value = true;
  }
}

/** The form. */
export function Login(): VNode {
  const [token, setToken] = useState('');
  const [wrong, setWrong] = useState('');
  const send = async (): Promise<void> => {
    try {
      await logIn(token.trim());
      location.reload();
    } catch (error) {
      setWrong(problemOf(error).detail);
    }
  };
  return (
    <main class="view login" id="main">
      <form
        class="panel stack"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <h1>Candy</h1>
        <label class="field">
          <span>The token, which the server printed when it was started</span>
          <input
            type="password"
            required
            autocomplete="current-password"
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        {wrong !== '' && (
          <p class="bad" role="alert">
            {wrong}
          </p>
        )}
        <button type="submit" class="primary">
          Log in
        </button>
      </form>
    </main>
  );
}
