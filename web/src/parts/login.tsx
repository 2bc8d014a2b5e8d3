import { useState } from "react";

/** The way in for a browser that does not have the cookie of this start. */
export function Login() {
  const [token, setToken] = useState("");
  const [refused, setRefused] = useState(false);
  return (
    <main className="page">
      <form
        className="empty"
        onSubmit={async (event) => {
          event.preventDefault();
          const answer = await fetch("/login", {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ token: token.trim() }),
          });
          if (answer.ok) location.reload();
          else setRefused(true);
        }}
      >
        <h2>Open the studio</h2>
        <p>
          Follow the address that <code>pellucid studio</code> printed in the terminal, or paste the
          token from it. It is new at every start.
        </p>
        <label className="field">
          <span>Token</span>
          <input
            type="password"
            value={token}
            autoComplete="off"
            onChange={(event) => setToken(event.target.value)}
          />
        </label>
        {refused && <p role="alert">This is not the token of this start.</p>}
        <button className="button primary">Open</button>
      </form>
    </main>
  );
}
