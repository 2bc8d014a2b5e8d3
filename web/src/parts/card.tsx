/** One method on one item for one target: its map, what it means, how far to trust it. */

import { useState, type ReactNode } from "react";

import type { Job, MapResult, Result } from "../api/client";
import { number } from "../overlay/scale";
import { go, useAddress } from "../state/address";
import { cursor } from "../state/cursor";
import { useJob } from "../state/live";
import { useResult } from "../state/results";
import { useStore } from "../state/store";
import type { Look } from "../state/url";
import { Icon } from "./icon";
import { ImageMap, Legend, type Drawn } from "./imagemap";
import { BarMap, SeriesMap, WordMap } from "./othermaps";
import { Badge, Bar, Text, timeLeft } from "./words";

interface Props {
  id: string | null;
  /** What stands above it until the method's own title is known. */
  title?: string;
  /** What stands above it instead of the method's title. */
  heading?: string;
  extra?: ReactNode;
  pinned?: boolean;
  onPin?: () => void;
}

export function Card({ id, title, heading, extra, pinned, onPin }: Props) {
  const { look, open } = useAddress();
  const view = useResult(id);
  const job = useJob(id?.split(".")[0]);
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  const map = view && isMap(view) ? view : null;
  return (
    <article className={open === id && id ? "card open" : "card"} data-result={id ?? ""}>
      <header>
        <h3 className="cut">
          <button
            className="title cut"
            onClick={() => go({ open: open === id ? null : id })}
            disabled={!map}
            aria-expanded={open === id}
          >
            {heading ?? map?.title ?? title}
          </button>
        </h3>
        {onPin && (
          <button
            className="button icon bare"
            aria-label={pinned ? "Unpin" : "Pin to compare"}
            title={pinned ? "Unpin" : "Pin to compare"}
            aria-pressed={pinned ?? false}
            onClick={onPin}
          >
            <Icon name={pinned ? "close" : "pin"} size={15} />
          </button>
        )}
      </header>
      <div className="stage">
        <Stage id={id} view={view} job={job} look={look} onDrawn={setDrawn} />
      </div>
      {map && (
        <footer>
          {map.note && <p className="small quiet">{map.note}</p>}
          {drawn && <Legend view={map} drawn={drawn} />}
          <Facts view={map} drawn={drawn} />
          {extra}
        </footer>
      )}
    </article>
  );
}

function Facts({ view, drawn }: { view: MapResult; drawn: Drawn | null }) {
  const at = useStore(cursor);
  return (
    <>
      <p className="facts numbers">
        {view.partial ? <span className="badge">So far</span> : <Badge {...view} />}
        {at && drawn ? (
          <span>
            here <strong>{number(drawn.value(at.x, at.y))}</strong>
          </span>
        ) : (
          <span>{view.score}</span>
        )}
      </p>
      {view.target && (
        <p className="small quiet cut" title={view.target}>
          {view.target}
        </p>
      )}
    </>
  );
}

interface StageProps {
  id: string | null;
  view: Result | null;
  job: Job | undefined;
  look: Look;
  onDrawn: (drawn: Drawn) => void;
}

function Stage({ id, view, job, look, onDrawn }: StageProps) {
  if (!id || !view) return <Waiting job={job} number={id?.split(".")[1] ?? ""} />;
  if (view.kind === "refused")
    return (
      <div className="refused">
        <strong>Not for this model or item</strong>
        <p>
          <Text>{view.cause}</Text>
        </p>
        <p className="quiet">
          <Text>{view.remedy}</Text>
        </p>
      </div>
    );
  if (!isMap(view)) return null;
  return (
    <>
      <Drawing id={id} view={view} look={look} onDrawn={onDrawn} />
      {view.partial && <Underway job={job} />}
    </>
  );
}

interface DrawingProps {
  id: string;
  view: MapResult;
  look: Look;
  onDrawn: (drawn: Drawn) => void;
}

function Drawing({ id, view, look, onDrawn }: DrawingProps) {
  const props = { id, view, look };
  if (view.kind === "image") return <ImageMap {...props} onDrawn={onDrawn} />;
  if (view.kind === "series") return <SeriesMap {...props} onDrawn={onDrawn} />;
  if (view.kind === "words") return <WordMap {...props} />;
  if (view.kind === "bars") return <BarMap {...props} />;
  return <p className="waiting">Open it in Layers, or save it, to see all of it.</p>;
}

function Underway({ job }: { job: Job | undefined }) {
  if (job?.state === "cancelled")
    return <div className="working">Cancelled: this is what there was so far.</div>;
  return (
    <div className="working numbers">
      So far: {job?.done ?? 0} of {job?.total ?? 0} {timeLeft(job?.seconds_left)}
    </div>
  );
}

function Waiting({ job, number }: { job: Job | undefined; number: string }) {
  if (job?.state === "failed")
    return (
      <div className="refused" role="alert">
        <strong>
          <Text>{job.cause}</Text>
        </strong>
        <p className="quiet">
          <Text>{job.remedy}</Text>
        </p>
      </div>
    );
  if (job?.state === "cancelled") return <div className="waiting">Cancelled.</div>;
  const running = job !== undefined && isInHand(job, number);
  return (
    <div className="waiting">
      <span className="numbers">
        {running ? job.task || "Starting" : "Waiting for its turn"} {timeLeft(job?.seconds_left)}
      </span>
      <Bar done={running ? job.done : 0} total={running ? job.total : 0} />
    </div>
  );
}

/** Whether a job is at this result now: they are made one after the other. */
export function isInHand(job: Job, number: string): boolean {
  if (job.state !== "running" && job.state !== "cancelling") return false;
  const done = new Set(job.results);
  let first = 0;
  while (done.has(String(first))) first++;
  return number === String(first);
}

export function isMap(view: Result): view is MapResult {
  return "arrays" in view && "checks" in view;
}
