import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState, type DragEvent } from "react";

import { client, data, thumbnail, type Dataset, type Item, type Problem } from "../api/client";
import { Icon } from "../parts/icon";
import { Empty, Trouble } from "../parts/words";
import { go, useAddress } from "../state/address";
import { useDataset } from "../state/dataset";
import { noteItems } from "../state/items";
import { fetchSession, useSession } from "../state/live";
import { words } from "../state/results";

export function Data() {
  const dataset = useDataset();
  const session = useSession();
  const [trouble, setTrouble] = useState<Problem | null>(null);
  const [over, setOver] = useState(false);
  const drop = async (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    await upload([...event.dataTransfer.files], setTrouble);
  };
  return (
    <div
      className={over ? "page over" : "page"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => void drop(event)}
    >
      <div className="page-head">
        <h1>Data</h1>
        <p>Choose an item; everything else is about it.</p>
      </div>
      {trouble && <Trouble problem={trouble} />}
      <div className="tools">
        <div className="segments" role="group" aria-label="Data sets">
          {session?.datasets
            .filter((one) => one.count > 0)
            .map((one) => (
              <button
                key={one.id}
                aria-pressed={one.id === dataset?.id}
                onClick={() => go({ dataset: one.id, label: null, predicted: null, search: "" })}
              >
                {one.name} <span className="quiet numbers">{one.count.toLocaleString("en")}</span>
              </button>
            ))}
        </div>
        <UploadButton onTrouble={setTrouble} />
      </div>
      {dataset ? <Browser dataset={dataset} /> : <Empty title="No data yet" />}
    </div>
  );
}

async function upload(files: File[], onTrouble: (p: Problem | null) => void): Promise<void> {
  onTrouble(null);
  let last: Item | null = null;
  for (const file of files)
    try {
      const answer = await fetch(`/api/v1/uploads?name=${encodeURIComponent(file.name)}`, {
        method: "POST",
        headers: { "content-type": "application/octet-stream" },
        body: file,
      });
      const found = await answer.json();
      if (!answer.ok) onTrouble(found as Problem);
      else last = (found as { item: Item }).item;
    } catch (error) {
      onTrouble(words(error));
    }
  if (last) {
    noteItems([last]);
    await fetchSession();
    go({ dataset: "uploads", item: last.id });
  }
}

function UploadButton({ onTrouble }: { onTrouble: (p: Problem | null) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button className="button" onClick={() => input.current?.click()}>
        <Icon name="plus" size={15} /> Upload
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files to upload"
        accept="image/*,.npy"
        onChange={(event) => {
          void upload([...(event.target.files ?? [])], onTrouble);
          event.target.value = "";
        }}
      />
      <span className="small quiet">or drop files here; large folders are named at the start</span>
    </>
  );
}

const ORDERS = [
  ["given", "in order"],
  ["random", "shuffled"],
  ["unsure", "least sure first"],
  ["wrong", "misclassified"],
] as const;

export function Browser({ dataset }: { dataset: Dataset }) {
  const { search, label, order, predicted } = useAddress();
  const pages = usePages(dataset);
  const total = pages.total;
  return (
    <>
      <div className="tools">
        <label className="field wide">
          <span className="unseen">Search</span>
          <input
            type="search"
            placeholder="Search names"
            value={search}
            onChange={(event) => go({ search: event.target.value }, true)}
          />
        </label>
        {dataset.labels.length > 0 && (
          <label className="field">
            <span className="unseen">Class</span>
            <select
              value={label ?? ""}
              onChange={(event) => go({ label: event.target.value || null })}
            >
              <option value="">every class</option>
              {dataset.labels.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
        )}
        <label className="field">
          <span className="unseen">Order</span>
          <select value={order} onChange={(event) => go({ order: event.target.value })}>
            {ORDERS.map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {predicted !== null && (
          <button className="button" onClick={() => go({ predicted: null })}>
            Taken for class {predicted} ×
          </button>
        )}
        <button className="button" onClick={() => void randomItem(dataset, label)}>
          <Icon name="dice" size={15} /> Random item
        </button>
        <span className="small quiet numbers" aria-live="polite">
          {total === null ? "" : `${total.toLocaleString("en")} items`}
        </span>
      </div>
      {pages.problem && <Trouble problem={pages.problem} />}
      {total === 0 ? (
        <Empty title="No item passes this filter">
          {order === "wrong" || order === "unsure" ? (
            <p>
              This order needs predictions: run them on the page <a href="#/predict">Predict</a>.
              Items count as misclassified where their folder names a class of the model.
            </p>
          ) : (
            <p>Clear the search or choose another class.</p>
          )}
        </Empty>
      ) : (
        total !== null && <Tiles pages={pages} total={total} />
      )}
    </>
  );
}

async function randomItem(dataset: Dataset, label: string | null): Promise<void> {
  const found = await data(
    client.GET("/api/v1/datasets/{dataset}/items", {
      params: {
        path: { dataset: dataset.id },
        query: {
          limit: 1,
          order: "random",
          seed: Math.floor(Math.random() * 2 ** 31),
          ...(label === null ? {} : { label }),
        },
      },
    }),
  );
  noteItems(found.items);
  const item = found.items[0];
  if (item) go({ item: item.id, page: "explain" });
}

const PER_PAGE = 200;

interface Pages {
  total: number | null;
  problem: Problem | null;
  at: (place: number) => Item | null;
  want: (place: number) => void;
}

/** Items in pages, fetched when they come into view. */
function usePages(dataset: Dataset): Pages {
  const { search, label, order, predicted } = useAddress();
  const key = JSON.stringify([dataset.id, dataset.count, search, label, order, predicted]);
  const [known, setKnown] = useState<{ key: string; total: number; pages: Map<number, Item[]> }>();
  const [problem, setProblem] = useState<Problem | null>(null);
  const asked = useRef(new Set<string>());
  const fetchPage = (page: number) => {
    const name = `${key} ${page}`;
    if (asked.current.has(name)) return;
    asked.current.add(name);
    data(
      client.GET("/api/v1/datasets/{dataset}/items", {
        params: {
          path: { dataset: dataset.id },
          query: {
            offset: page * PER_PAGE,
            limit: PER_PAGE,
            search,
            order: order as "given",
            ...(label === null ? {} : { label }),
            ...(predicted === null ? {} : { predicted }),
          },
        },
      }),
    ).then(
      (found) => {
        noteItems(found.items);
        setProblem(null);
        setKnown((before) => {
          const pages = before?.key === key ? new Map(before.pages) : new Map<number, Item[]>();
          return { key, total: found.total, pages: pages.set(page, found.items) };
        });
      },
      (error: unknown) => {
        asked.current.delete(name);
        setProblem(words(error));
      },
    );
  };
  useEffect(() => {
    asked.current.clear();
    const timer = setTimeout(() => fetchPage(0), search ? 180 : 0);
    return () => clearTimeout(timer);
    // eslint-disable-next-line
  }, [key]);
  const own = known?.key === key ? known : undefined;
  return {
    total: own?.total ?? null,
    problem,
    at: (place) => own?.pages.get(Math.floor(place / PER_PAGE))?.[place % PER_PAGE] ?? null,
    want: (place) => fetchPage(Math.floor(place / PER_PAGE)),
  };
}

const TILE = 168;

function Tiles({ pages, total }: { pages: Pages; total: number }) {
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
                <Tile item={pages.at(place)} />
              </div>
            )),
        )}
      </div>
    </div>
  );
}

function Tile({ item }: { item: Item | null }) {
  const { item: current } = useAddress();
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
      onClick={() => go({ item: item.id, page: "explain" })}
    >
      <span className="thumb">
        {item.kind === "image" && !broken ? (
          <img src={thumbnail(item.id)} alt="" loading="lazy" onError={() => setBroken(true)} />
        ) : (
          <span className="small">{broken ? "cannot be read" : item.kind}</span>
        )}
      </span>
      <span className="words cut">
        <span className="cut">{item.label ?? item.name}</span>
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
