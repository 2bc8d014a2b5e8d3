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
  const { job, problem } = useAsked(
    ready && dataset && !few
      ? { kind: "project", model, dataset: dataset.id, layer: layer ?? INPUT }
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
  return (
    <div className="page">
      <div className="page-head">
        <h1>Map</h1>
        <p>Neighbours are alike. Sizes of clusters and distances between them mean nothing.</p>
      </div>
      <LayerChoice layer={layer} />
      {problem && <Trouble problem={problem} />}
      {found?.kind === "project" && id ? (
        <ItemScatter id={id} found={found} key={id} />
      ) : (
        <Working job={job} what={ready ? "Preparing the map" : "Loading the model"} />
      )}
    </div>
  );
}

function LayerChoice({ layer }: { layer: string | null }) {
  const { layers, network } = useLayers();
  if (!network) return null;
  const listed = layers ?? [];
  return (
    <div className="tools">
      <label className="field">
        <span>What is mapped</span>
        <select
          value={layer ?? INPUT}
          onChange={(event) => {
            const next = event.target.value;
            go({ layer: next === INPUT ? null : next, unit: null });
          }}
        >
          <option value={INPUT}>the items themselves</option>
          {layer !== null && !listed.some((one) => one.address === layer) && (
            <option value={layer}>{layer}</option>
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
