// Where others can reach the server it asks for its token. A link with the token in its fragment logs in by itself; else the
// token is asked for. The server gives a cookie for it, so that the token is nowhere in the browser afterwards.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { logIn } from '../data/api.js';
import { listenAgain } from '../data/events.js';
import { isLoginDue, problemOf } from '../data/problem.js';
import { Dialog } from './dialog.js';

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

/** The form in the place of a page that was never let in. */
export function Login(): VNode {
  return (
    <main class="view login" id="main">
      <div class="panel stack">
        <h1>Candy</h1>
        <TokenForm onIn={() => location.reload()} />
      </div>
    </main>
  );
}

/** The form before a page that has something on it: the server was started anew, and knows its cookie no more. */
export function LoginAgain(): VNode {
  return (
    <Dialog
      title="Log in again"
      onClose={() => {
        isLoginDue.value = false;
      }}
    >
      <p>The server was started anew. What is on the page stays.</p>
      <TokenForm
        onIn={() => {
          isLoginDue.value = false;
          listenAgain();
        }}
      />
    </Dialog>
  );
}

function TokenForm({ onIn }: { readonly onIn: () => void }): VNode {
  const [token, setToken] = useState('');
  const [wrong, setWrong] = useState('');
  const send = async (): Promise<void> => {
    try {
      await logIn(token.trim());
      onIn();
    } catch (error) {
      setWrong(problemOf(error).detail);
    }
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
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
  );
}
