import type { Layer } from "../api/client";
import { ItemScatter } from "../parts/itemscatter";
import { Empty, Trouble, Working } from "../parts/words";
import { go, useAddress } from "../state/address";
import { useDataset } from "../state/dataset";
import { useLayers } from "../state/layers";
import { useSession } from "../state/live";
import { useAsked, useResult } from "../state/results";

const FEWEST = 4;
const INPUT = "input";

/** A data set as a map; neighbours are alike to a layer, or to the eye. */
export function ItemMap() {
  const dataset = useDataset();
  const { model, layer } = useAddress();
  const ready = useSession()?.ready ?? false;
  const few = (dataset?.count ?? 0) < FEWEST;
  const { layers, network } = useLayers();
  // Words have no places of their own: a layer has to make numbers of them.
  const words = dataset?.kinds.includes("text") ?? false;
  const mapped = layer ?? (words ? layers?.at(-1)?.address : INPUT);
  const { job, problem } = useAsked(
    ready && dataset && !few && mapped !== undefined
      ? { kind: "project", model, dataset: dataset.id, layer: mapped }
      : null,
  );
  const id = job ? `${job.id}.0` : null;
  const found = useResult(id);
  if (few)
    return (
      <Empty title="A map needs more items">
        <p>
          {dataset?.name ?? "This data set"} has {dataset?.count ?? 0}. Start with a folder of your
          own: <code>pellucid studio FOLDER</code>
        </p>
      </Empty>
    );
  if (words && !network)
    return (
      <Empty title="Texts are mapped by a layer">
        <p>This model is a function, not a network: it has no layers.</p>
      </Empty>
    );
  return (
    <div className="page">
      <div className="page-head">
        <h1>Map</h1>
        <p>Neighbours are alike. Sizes of clusters and distances between them mean nothing.</p>
      </div>
      <LayerChoice mapped={mapped} words={words} />
      {problem && <Trouble problem={problem} />}
      {found?.kind === "project" && id ? (
        <ItemScatter id={id} found={found} key={id} />
      ) : (
        <Working job={job} what={ready ? "Preparing the map" : "Loading the model"} />
      )}
    </div>
  );
}

function LayerChoice({ mapped, words }: { mapped: string | undefined; words: boolean }) {
  const { layers, network } = useLayers();
  if (!network) return null;
  const listed = layers ?? [];
  const isMapped = (one: Layer) => one.address === mapped;
  return (
    <div className="tools">
      <label className="field">
        <span>What is mapped</span>
        <select
          value={mapped ?? ""}
          onChange={(event) => {
            const next = event.target.value;
            go({ layer: next === INPUT ? null : next, unit: null });
          }}
        >
          {!words && <option value={INPUT}>the items themselves</option>}
          {mapped !== undefined && mapped !== INPUT && !listed.some(isMapped) && (
            <option value={mapped}>{mapped}</option>
          )}
          {listed.map((one) => (
            <option key={one.address} value={one.address}>
              {one.address || "the network's output"} · {one.type}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
