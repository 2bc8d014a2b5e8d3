import { useState, type DragEvent } from "react";

import { client, data, type Dataset, type Problem } from "../api/client";
import { Icon } from "../parts/icon";
import { Tiles } from "../parts/tiles";
import { upload, UploadButton } from "../parts/upload";
import { Empty, Trouble } from "../parts/words";
import { go, useAddress } from "../state/address";
import { useDataset } from "../state/dataset";
import { noteItems } from "../state/items";
import { useSession } from "../state/live";
import { everything, queryOf, usePages } from "../state/pages";

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

const ORDERS = [
  ["given", "in order"],
  ["random", "shuffled"],
  ["unsure", "least sure first"],
  ["wrong", "misclassified"],
] as const;

function Browser({ dataset }: { dataset: Dataset }) {
  const filter = useAddress();
  const { model, search, label, order, predicted, item } = filter;
  const pages = usePages(dataset, filter);
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
        <button className="button" onClick={() => void randomItem(dataset, model, label)}>
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
        total !== null && (
          <Tiles
            pages={pages}
            total={total}
            current={item}
            onChosen={(chosen) => go({ item: chosen, page: "explain" })}
          />
        )
      )}
    </>
  );
}

async function randomItem(dataset: Dataset, model: number, label: string | null): Promise<void> {
  const found = await data(
    client.GET("/api/v1/datasets/{dataset}/items", {
      params: {
        path: { dataset: dataset.id },
        query: {
          ...queryOf({ ...everything(model), order: "random", label }),
          limit: 1,
          seed: Math.floor(Math.random() * 2 ** 31),
        },
      },
    }),
  );
  noteItems(found.items);
  const item = found.items[0];
  if (item) go({ item: item.id, page: "explain" });
}
