/** A dream to take home: the picture, the film, the numbers, the Python. */

import { useState } from "react";

import { made, type DreamResult } from "../api/client";
import { words } from "../state/results";
import { copy, download, exported, type Format } from "./save";
import { Trouble } from "./words";

const FILES: [Format, string, string][] = [
  ["gif", "Film (GIF)", "This picture on the way"],
  ["npz", "Raw values (NPZ)", "The input itself, to load in Python"],
  ["png", "Figure (PNG)", "Before, after, and the curve; of all pictures"],
  ["html", "Report", "A page with everything that was measured"],
];

export function TakeHome({ id, view, sample }: { id: string; view: DreamResult; sample: number }) {
  const [working, setWorking] = useState("");
  const [trouble, setTrouble] = useState<unknown>(null);
  const [copied, setCopied] = useState(false);
  const picture = view.frames.length > 0;
  if (view.partial) return null;
  return (
    <section>
      <h2>Take it home</h2>
      <div className="buttons">
        {picture && (
          <button
            className="button"
            onClick={() => download(made(id, `made-${sample}.png`), `${view.method}.png`)}
          >
            Picture (PNG)
          </button>
        )}
        {FILES.filter(([format]) => picture || format !== "gif").map(([format, name, title]) => (
          <button
            key={format}
            className="button"
            title={title}
            disabled={working !== ""}
            onClick={() => {
              setWorking(format);
              setTrouble(null);
              exported([id], format, sample)
                .catch(setTrouble)
                .finally(() => setWorking(""));
            }}
          >
            {working === format ? "Writing …" : name}
          </button>
        ))}
      </div>
      {trouble !== null && <Trouble problem={words(trouble)} />}
      <details className="more">
        <summary>Python</summary>
        <pre className="code" tabIndex={0} aria-label="Python">
          {view.snippet}
        </pre>
        <button
          className="button"
          onClick={() => {
            void copy(view.snippet);
            setCopied(true);
          }}
        >
          {copied ? "Copied" : "Copy Python"}
        </button>
      </details>
    </section>
  );
}
