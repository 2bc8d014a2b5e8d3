/** Everything about one explanation: checks in words, help, parameters, how to repeat and save it. */

import { useEffect, useRef, useState } from "react";

import type { MapResult, Verdict } from "../api/client";
import { number } from "../overlay/scale";
import { go, useAddress } from "../state/address";
import { useSession } from "../state/live";
import { useResult, words } from "../state/results";
import { isMap } from "./card";
import { ParameterForm } from "./form";
import { Icon } from "./icon";
import { copy, exported, python, screenshot, type Format } from "./save";
import { Badge, Text, Trouble } from "./words";

interface Props {
  id: string;
  /** Which of the chosen methods this is; null for a pinned one, which stays as it is. */
  place: number | null;
  all: string[];
}

export function Detail({ id, place, all }: Props) {
  const view = useResult(id);
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    close.current?.focus();
  }, []);
  if (!view || !isMap(view)) return null;
  return (
    <aside className="drawer" aria-label={`About ${view.title}`}>
      <header>
        <div>
          <h1>{view.title}</h1>
          <p className="small quiet">{view.paper}</p>
        </div>
        <button
          className="button icon bare"
          aria-label="Close"
          ref={close}
          onClick={() => go({ open: null })}
        >
          <Icon name="close" />
        </button>
      </header>
      <Help view={view} />
      <Checks view={view} />
      <Save id={id} view={view} all={all} />
      {place !== null && <Parameters view={view} place={place} />}
      <Made view={view} />
    </aside>
  );
}

function Help({ view }: { view: MapResult }) {
  const method = useSession()?.methods.find((one) => one.name === view.method);
  return (
    <section>
      <p>
        <Text>{method?.summary ?? ""}</Text>
      </p>
      {method?.help && (
        <p className="small quiet">
          <Text>{method.help}</Text>
        </p>
      )}
      {view.caution && (
        <p className="small">
          <strong>Mind:</strong> {view.caution}
        </p>
      )}
    </section>
  );
}

const ORDER: Verdict[] = ["failed", "poor", "ok"];

function Checks({ view }: { view: MapResult }) {
  const sorted = [...view.checks].sort(
    (a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict),
  );
  return (
    <section>
      <h2>How far to trust it</h2>
      {sorted.length === 0 && <p className="small quiet">Nothing was measured about this one.</p>}
      <ul className="checks">
        {sorted.map((check) => (
          <li key={check.name}>
            <span className={`badge ${check.verdict}`}>{check.verdict}</span>
            <strong>{check.name}</strong>
            <span className="numbers quiet">
              {typeof check.value === "number" ? number(check.value) : ""}
            </span>
            <p>{check.meaning}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Parameters({ view, place }: { view: MapResult; place: number }) {
  const state = useAddress();
  const method = useSession()?.methods.find((one) => one.name === view.method);
  const choice = state.methods[place];
  if (!method || !choice) return null;
  return (
    <section>
      <h2>Parameters</h2>
      <ParameterForm
        method={method}
        choice={choice}
        layers={[]}
        onApply={(params) =>
          go({
            methods: state.methods.map((one, k) => (k === place ? { ...one, params } : one)),
            open: null,
          })
        }
      />
    </section>
  );
}

function Save({ id, view, all }: { id: string; view: MapResult; all: string[] }) {
  const { look } = useAddress();
  const [trouble, setTrouble] = useState<unknown>(null);
  const [working, setWorking] = useState("");
  const [copied, setCopied] = useState(false);
  const code = python(view, look);
  const save = (format: Format, results: string[]) => {
    setWorking(format);
    setTrouble(null);
    exported(results, format)
      .catch(setTrouble)
      .finally(() => setWorking(""));
  };
  const shown = () => {
    const canvas = document.querySelector<HTMLCanvasElement>(
      `[data-result="${CSS.escape(id)}"] canvas`,
    );
    if (canvas) screenshot(canvas, `${view.method}.png`);
  };
  return (
    <section>
      <h2>Take it home</h2>
      <div className="buttons">
        {view.kind === "image" && (
          <button className="button" onClick={shown}>
            As on screen
          </button>
        )}
        {(["png", "svg", "npz"] as const).map((format) => (
          <button
            className="button"
            key={format}
            disabled={working !== "" || view.partial}
            onClick={() => save(format, [id])}
          >
            {working === format ? "Writing …" : format.toUpperCase()}
          </button>
        ))}
        <button
          className="button"
          disabled={working !== "" || view.partial}
          onClick={() => save("html", all.includes(id) ? [id] : [id])}
        >
          {working === "html" ? "Writing …" : "Report"}
        </button>
      </div>
      {trouble !== null && <Trouble problem={words(trouble)} />}
      <pre className="code" tabIndex={0} aria-label="Python">
        {code}
      </pre>
      <button
        className="button"
        onClick={() => {
          void copy(code);
          setCopied(true);
        }}
      >
        {copied ? "Copied" : "Copy Python"}
      </button>
    </section>
  );
}

function Made({ view }: { view: MapResult }) {
  const { cost, record } = view;
  const facts: [string, string][] = [
    ["Target", view.target],
    ["Score", view.score],
    ["Layer", String(record["layer"] ?? "")],
    ["Seed", String(view.seed)],
    ["Time", cost["seconds"] === undefined ? "" : `${number(cost["seconds"])} s`],
    ["Passes", passes(cost)],
    ["Device", String(record["device"] ?? "")],
    ["Versions", Object.entries(view.versions).map((pair) => pair.join(" ")).join(", ")],
  ];
  return (
    <section>
      <h2>
        How it was made <Badge {...view} />
      </h2>
      <dl className="pairs numbers">
        {facts
          .filter(([, value]) => value && value !== "null")
          .map(([name, value]) => (
            <div key={name} className="pair">
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </section>
  );
}

function passes(cost: Record<string, number>): string {
  const forwards = cost["forwards"];
  if (forwards === undefined) return "";
  return `${number(forwards)} forward, ${number(cost["backwards"] ?? 0)} backward`;
}
