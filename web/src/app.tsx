import { useEffect, type ComponentType } from "react";

import { Data } from "./pages/data";
import { Dream } from "./pages/dream";
import { Explain } from "./pages/explain";
import { Jobs } from "./pages/jobs";
import { Layers } from "./pages/layers";
import { ItemMap } from "./pages/map";
import { Predict } from "./pages/predict";
import { Trust } from "./pages/trust";
import { useKeys } from "./parts/help";
import { Icon, type IconName } from "./parts/icon";
import { Login } from "./parts/login";
import { Top } from "./parts/top";
import { Empty, Trouble } from "./parts/words";
import { useAddress } from "./state/address";
import { useFirst } from "./state/first";
import { isUnderway, problem, useJobs, useSession } from "./state/live";
import { useStore } from "./state/store";
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
