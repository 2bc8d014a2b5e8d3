/** The items of a data set as tiles; a click chooses one. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";

import { thumbnail, type Item } from "../api/client";
import type { Pages } from "../state/pages";

const TILE = 168;

interface Props {
  pages: Pages;
  total: number;
  current: string | null;
  onChosen: (item: string) => void;
}

/** As many rows as are seen, however many there are. */
export function Tiles({ pages, total, current, onChosen }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => setWidth(entry!.contentRect.width));
    watch.observe(scroller.current!);
    return () => watch.disconnect();
  }, []);
  const across = Math.max(1, Math.floor(width / TILE));
  const rows = useVirtualizer({
    count: Math.ceil(total / across),
    getScrollElement: () => scroller.current,
    estimateSize: () => TILE + 22,
    overscan: 3,
  });
  const shown = rows.getVirtualItems();
  const first = (shown[0]?.index ?? 0) * across;
  const last = Math.min(total - 1, ((shown.at(-1)?.index ?? 0) + 1) * across - 1);
  useEffect(() => {
    if (width === 0) return;
    pages.want(first);
    pages.want(last);
  });
  return (
    <div className="scroller" ref={scroller} tabIndex={0} role="region" aria-label="Items">
      <div className="tiles" style={{ height: rows.getTotalSize() }}>
        {shown.flatMap((row) =>
          Array.from({ length: across }, (_, k) => row.index * across + k)
            .filter((place) => place < total)
            .map((place, k) => (
              <div
                key={place}
                className="tile"
                style={{
                  width: `${100 / across}%`,
                  height: TILE + 22,
                  left: `${(100 / across) * k}%`,
                  top: row.start,
                }}
              >
                <Tile item={pages.at(place)} current={current} onChosen={onChosen} />
              </div>
            )),
        )}
      </div>
    </div>
  );
}

function Tile({ item, current, onChosen }: Omit<Props, "pages" | "total"> & { item: Item | null }) {
  const [broken, setBroken] = useState(false);
  if (!item)
    return (
      <button disabled aria-label="Loading">
        <span className="thumb" />
      </button>
    );
  const prediction = item.prediction;
  return (
    <button
      aria-current={item.id === current || undefined}
      title={item.name}
      onClick={() => onChosen(item.id)}
    >
      <span className="thumb">
        {item.kind === "image" && !broken ? (
          <img src={thumbnail(item.id)} alt="" loading="lazy" onError={() => setBroken(true)} />
        ) : (
          <span className={item.kind === "text" ? "thumb-words" : "small"}>
            {broken ? "cannot be read" : item.kind === "text" ? item.name : item.kind}
          </span>
        )}
      </span>
      <span className="words cut">
        <span className="cut">{item.label ?? (item.kind === "text" ? `text ${item.place}` : item.name)}</span>
        {prediction && (
          <>
            <br />
            <span className={prediction.right === false ? "wrong" : "quiet"}>
              {prediction.name.split(",")[0]} {(100 * prediction.share).toFixed(0)} %
            </span>
          </>
        )}
      </span>
    </button>
  );
}
