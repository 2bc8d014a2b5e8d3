/** The points of a map with what is known of them: colours, groups, the item under the pointer. */

import { useEffect, useMemo, useState } from "react";

import type { ProjectResult } from "../api/client";
import { go, useAddress } from "../state/address";
import { useDataset } from "../state/dataset";
import { byClass, byShare, classesOf, shownOf, type By } from "../state/groups";
import { useArrays } from "../state/results";
import { SCORES, useShares } from "../state/shares";
import { colourOf } from "./chart";
import { Segments } from "./controls";
import { Chosen, Groups } from "./groups";
import { Confidence, Legend } from "./maplegend";
import { Scatter } from "./scatter";
import { Thumb } from "./thumb";

export function ItemScatter({ id, found }: { id: string; found: ProjectResult }) {
  const { item } = useAddress();
  const arrays = useArrays(id, found);
  const dataset = useDataset();
  const { job, shares } = useShares(dataset?.id ?? null, found.items);
  const { colouring, by } = useBy(found);
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const [over, setOver] = useState({ point: -1, x: 0, y: 0 });
  const [chosen, setChosen] = useState<{ points: number[]; line: number[] } | null>(null);
  const classes = useMemo(() => (arrays ? classesOf(found, arrays, by) : null), [found, arrays, by]);
  const colours = useMemo(() => {
    if (!classes) return null;
    return colouring === "score" && shares ? byShare(shares, SCORES) : byClass(classes, colourOf);
  }, [classes, colouring, shares]);
  const shown = useMemo(() => (classes ? shownOf(classes, hidden) : null), [classes, hidden]);
  const current = useMemo(() => (item ? found.items.indexOf(item) : -1), [found, item]);
  useEffect(() => setHidden(new Set()), [by]);
  if (!arrays || !classes || !colours || !shown) return null;
  const at = over.point;
  return (
    <div className="map-page">
      <div className="sheet scatter-sheet">
        <Scatter
          points={arrays["points"]!}
          colours={colours}
          shown={shown}
          current={current}
          onHover={(point, x, y) => setOver({ point, x, y })}
          onPick={(point) => go({ item: found.items[point]!, page: "explain" })}
          onLasso={(points, line) => setChosen({ points, line })}
        />
        {at >= 0 && (
          <figure className="hovering" style={{ left: over.x + 16, top: over.y + 16 }}>
            <Thumb id={found.items[at]!} />
            <figcaption>
              {classes.names.get(classes.of[at]!)}
              {shares && Number.isFinite(shares[at]) && (
                <span className="quiet numbers"> {(100 * shares[at]!).toFixed(0)} % sure</span>
              )}
            </figcaption>
          </figure>
        )}
      </div>
      <aside aria-label="Groups">
        <Segments
          label="Colour by"
          value={colouring}
          onChange={(value) => go({ by: value })}
          choices={[
            ...(found.labels.length ? [{ value: "labels", words: "Label" }] : []),
            { value: "predicted", words: "Prediction" },
            { value: "score", words: "Score", title: "How sure the model is" },
          ]}
        />
        {colouring === "score" && <Confidence job={job} there={shares !== null} />}
        <Legend
          classes={classes}
          by={by}
          hidden={hidden}
          plain={colouring === "score"}
          onHide={setHidden}
        />
        {chosen && (
          <Chosen
            {...chosen}
            items={found.items}
            by={by}
            classes={hidden.size ? [...classes.names.keys()].filter((k) => !hidden.has(k)) : null}
            onDone={() => setChosen(null)}
          />
        )}
        <Groups id={id} arrays={arrays} />
        <Hint found={found} />
      </aside>
    </div>
  );
}

const METHODS: Record<string, string> = { tsne: "t-SNE", opentsne: "openTSNE", umap: "UMAP" };

function Hint({ found }: { found: ProjectResult }) {
  const kept = found.recall === null ? "" : `${Math.round(100 * found.recall)} %`;
  return (
    <p className="small quiet">
      {METHODS[found.method] ?? found.method}: {kept && `${kept} of the ten nearest neighbours are kept. `}
      Drag to move, turn the wheel to zoom, hold Shift and draw around points to choose them.
    </p>
  );
}

/** What colours the points, and whose classes are listed. */
function useBy(found: ProjectResult): { colouring: string; by: By } {
  const { by } = useAddress();
  const usual: By = found.labels.length > 0 ? "labels" : "predicted";
  const colouring = by === "score" || by === "predicted" || by === usual ? by : usual;
  return { colouring, by: colouring === "score" ? usual : (colouring as By) };
}
