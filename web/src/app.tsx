import { useEffect, useRef, useState, type ComponentType } from "react";

import { client, data, thumbnail, type Item } from "./api/client";
import { Data } from "./pages/data";
import { Dream } from "./pages/dream";
import { Explain } from "./pages/explain";
import { Jobs } from "./pages/jobs";
import { Layers } from "./pages/layers";
import { ItemMap } from "./pages/map";
import { Predict } from "./pages/predict";
import { Trust } from "./pages/trust";
import { Icon, type IconName } from "./parts/icon";
import { Login } from "./parts/login";
import { Empty, Trouble } from "./parts/words";
import { addressNow, go, useAddress } from "./state/address";
import { useFirst } from "./state/first";
import { useItem } from "./state/items";
import { connected, isUnderway, problem, useJobs, useSession } from "./state/live";
import { queryOf } from "./state/pages";
import { useStore } from "./state/store";
import { toggleTheme, useTheme } from "./state/theme";
import { encode, type Page } from "./state/url";

interface Place {
  page: Page;
  name: string;
  icon: IconName;
  shown: ComponentType;
}

const PLACES: Place[] = [
  { page: "data", name: "Data", icon: "data", shown: Data },
  { page: "predict", name: "Predict", icon: "predict", shown: Predict },
  { page: "explain", name: "Explain", icon: "explain", shown: Explain },
  { page: "layers", name: "Layers", icon: "layers", shown: Layers },
  { page: "dream", name: "Dream", icon: "dream", shown: Dream },
  { page: "map", name: "Map", icon: "map", shown: ItemMap },
  { page: "trust", name: "Trust", icon: "trust", shown: Trust },
  { page: "jobs", name: "Jobs", icon: "jobs", shown: Jobs },
];

export function App() {
  const address = useAddress();
  const trouble = useStore(problem);
  const session = useSession();
  const place = PLACES.find((one) => one.page === address.page)!;
  useKeys();
  useFirst();
  useEffect(() => {
    document.title = `${place.name} · Pellucid studio`;
  }, [place]);
  if (trouble?.status === 401) return <Login />;
  const Shown = place.shown;
  return (
    <div className="frame">
      <Top />
      <Rail />
      <main>
        {trouble ? (
          <div className="page">
            <Trouble problem={trouble.words} />
          </div>
        ) : session?.problem ? (
          <div className="page">
            <Trouble problem={session.problem} />
          </div>
        ) : session === null ? (
          <Empty title="Opening the studio …" />
        ) : (
          <Shown />
        )}
      </main>
    </div>
  );
}

function Top() {
  const session = useSession();
  const address = useAddress();
  const theme = useTheme();
  const live = useStore(connected);
  const [copied, setCopied] = useState(false);
  const models = session?.models ?? [];
  return (
    <header className="bar">
      <div className="brand">
        <Logo /> Pellucid
      </div>
      {models.length > 1 ? (
        <label>
          <span className="unseen">Model</span>
          <select
            value={address.model}
            onChange={(event) => go({ model: Number(event.target.value), beside: null, layer: null })}
          >
            {models.map((model, k) => (
              <option key={model.name} value={k}>
                {model.name}
              </option>
            ))}
          </select>
        </label>
      ) : (
        <span className="badge" title={models[0]?.takes}>
          {models[0]?.name ?? "Loading the model …"}
        </span>
      )}
      <Stepper />
      <span className="spring" />
      {!live && (
        <span className="badge poor" role="status">
          Connection lost, trying again
        </span>
      )}
      <button
        className="button bare"
        onClick={() => {
          void navigator.clipboard.writeText(location.origin + location.pathname + encode(addressNow()));
          setCopied(true);
          setTimeout(() => setCopied(false), 1600);
        }}
      >
        <Icon name="link" size={16} /> {copied ? "Copied" : "Copy link"}
      </button>
      <Help />
      <button
        className="button icon bare"
        onClick={toggleTheme}
        aria-label={theme === "dark" ? "Light theme" : "Dark theme"}
        title={theme === "dark" ? "Light theme" : "Dark theme"}
      >
        <Icon name={theme === "dark" ? "sun" : "moon"} />
      </button>
    </header>
  );
}

function Logo() {
  return (
    <svg width="24" height="24" viewBox="0 0 24 24" fill="none" aria-hidden="true">
      <path
        d="M12 2.5c4 5 6.500 8.400 6.500 11.800A6.500 6.500 0 0112 21a6.500 6.500 0 01-6.500-6.700C5.500 10.900 8 7.500 12 2.500z"
        fill="currentColor"
        opacity="0.18"
      />
      <path
        d="M12 2.500c4 5 6.500 8.400 6.500 11.800A6.500 6.500 0 0112 21a6.500 6.500 0 01-6.500-6.700C5.500 10.900 8 7.500 12 2.500z"
        stroke="currentColor"
        strokeWidth="1.600"
      />
      <circle cx="12" cy="14" r="2.600" fill="currentColor" />
    </svg>
  );
}

function Stepper() {
  const item = useItem();
  const [broken, setBroken] = useState<string | null>(null);
  if (!item) return null;
  return (
    <div className="stepper">
      <button
        className="button icon bare"
        aria-label="Previous item"
        title="Previous item (←)"
        onClick={() => void step(item, -1)}
      >
        <Icon name="left" />
      </button>
      {item.kind === "image" && broken !== item.id ? (
        <img src={thumbnail(item.id)} alt="" onError={() => setBroken(item.id)} />
      ) : (
        <span className="noimg" />
      )}
      <span className="name cut" title={item.name}>
        {item.name}
      </span>
      {item.label !== null && <span className="badge">{item.label}</span>}
      <button
        className="button icon bare"
        aria-label="Next item"
        title="Next item (→)"
        onClick={() => void step(item, 1)}
      >
        <Icon name="right" />
      </button>
    </div>
  );
}

/** The item beside this one under the filter and in the order of the page Data. */
async function step(item: Item, by: number): Promise<void> {
  const filter = addressNow();
  const { search, label, order, predicted } = filter;
  const plain = !search && label === null && order === "given" && predicted === null;
  const sets = await data(
    client.GET("/api/v1/datasets/{dataset}/items", {
      params: {
        path: { dataset: item.dataset },
        query: plain
          ? { offset: Math.max(0, item.place + by), limit: 1 }
          : { offset: 0, limit: 500, ...queryOf(filter) },
      },
    }),
  );
  if (plain) {
    const next = item.place + by >= 0 ? sets.items[0] : undefined;
    if (next && next.id !== item.id) go({ item: next.id });
    return;
  }
  const at = sets.items.findIndex((one) => one.id === item.id);
  const next = sets.items[at + by];
  if (next) go({ item: next.id });
}

function Rail() {
  const address = useAddress();
  const running = [...useJobs().values()].filter(isUnderway);
  const session = useSession();
  return (
    <nav className="rail" aria-label="Pages">
      {PLACES.map((place) => (
        <a
          key={place.page}
          href={encode({ ...address, page: place.page, open: null })}
          aria-current={address.page === place.page ? "page" : undefined}
        >
          <Icon name={place.icon} /> {place.name}
          {place.page === "jobs" && running.length > 0 && (
            <span className="count badge on numbers">{running.length}</span>
          )}
        </a>
      ))}
      <p className="foot small quiet">
        Pellucid {session?.version}
        <br />
        {session && !session.ready ? "Loading the model …" : "Everything stays on this machine."}
      </p>
    </nav>
  );
}

function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button
        className="button icon bare"
        aria-label="Keys and hints"
        title="Keys and hints"
        onClick={() => dialog.current?.showModal()}
      >
        <Icon name="help" />
      </button>
      <dialog ref={dialog} aria-label="Keys and hints">
        <h2>Keys</h2>
        <dl className="pairs">
          <dt>
            <kbd>←</kbd> <kbd>→</kbd>
          </dt>
          <dd>previous and next item</dd>
          <dt>
            <kbd>1</kbd> … <kbd>{PLACES.length}</kbd>
          </dt>
          <dd>the pages, from the top</dd>
          <dt>
            <kbd>o</kbd> <kbd>m</kbd> <kbd>i</kbd>
          </dt>
          <dd>overlay, map alone, input alone</dd>
          <dt>
            <kbd>Esc</kbd>
          </dt>
          <dd>close what is open</dd>
        </dl>
        <p className="small quiet">
          The address holds everything on the page: copy it to come back to the same view.
        </p>
        <div className="buttons">
          <button className="button" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
      </dialog>
    </>
  );
}

function useKeys() {
  const item = useItem();
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const within = (event.target as HTMLElement).closest("input, select, textarea, dialog");
      if (within || event.ctrlKey || event.metaKey) return;
      const { look } = addressNow();
      const page = PLACES[Number(event.key) - 1];
      if (event.key === "Escape") go({ open: null });
      else if (event.key === "ArrowLeft" && item) void step(item, -1);
      else if (event.key === "ArrowRight" && item) void step(item, 1);
      else if (page) go({ page: page.page, open: null });
      else if (event.key === "o") go({ look: { ...look, view: "overlay" } }, true);
      else if (event.key === "m") go({ look: { ...look, view: "map" } }, true);
      else if (event.key === "i") go({ look: { ...look, view: "input" } }, true);
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [item]);
}
