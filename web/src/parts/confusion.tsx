/** Labels and what the model took their items for; every cell leads to its items. */

import type { Confusion } from "../api/client";
import { go } from "../state/address";

const MOST_CLASSES = 40;

export function ConfusionMatrix({ found, dataset }: { found: Confusion; dataset: string }) {
  const most = Math.max(...found.counts.map(([, , count]) => count), 1);
  const counts = new Map(found.counts.map(([row, column, count]) => [`${row} ${column}`, count]));
  const columns = found.predicted.slice(0, MOST_CLASSES);
  const lead = (label: string, predicted: number) =>
    go({ page: "data", dataset, label, predicted, order: "given", search: "" });
  return (
    <div className="sheet padded">
      <div className="row-head">
        <h2>Labels and what they were taken for</h2>
        {found.known > 0 && (
          <span className="badge on numbers">
            {found.right} of {found.known} right
          </span>
        )}
      </div>
      <div className="confusion">
        <table className="numbers">
          <thead>
            <tr>
              <th scope="col">label</th>
              {columns.map((name, column) => (
                <th key={column} scope="col" className="cut" title={name}>
                  {name.split(",")[0]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {found.labels.slice(0, MOST_CLASSES).map((label, row) => (
              <tr key={label}>
                <th scope="row" className="cut">
                  {label}
                </th>
                {columns.map((name, column) => {
                  const count = counts.get(`${row} ${column}`) ?? 0;
                  const share = count ? 12 + (60 * count) / most : 0;
                  return (
                    <td
                      key={column}
                      style={{
                        background: `color-mix(in srgb, var(--accent) ${share}%, transparent)`,
                      }}
                    >
                      {count > 0 && (
                        <button
                          title={`${count} of ${label} taken for ${name}`}
                          onClick={() => lead(label, found.numbers[column]!)}
                        >
                          {count}
                        </button>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
