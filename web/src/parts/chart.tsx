/** A few lines over a common axis. */

interface Line {
  name: string;
  colour: string;
  x: number[];
  y: number[];
  faint?: boolean;
}

interface Props {
  label: string;
  across: string;
  up: string;
  lines: Line[];
  /** Places of the axis where something changes. */
  marks?: number[];
  /** Where the axis ends, where that is beyond the lines. */
  until?: number;
  /** Where it begins, where that is not zero. */
  since?: number;
}

/** Told apart by colour-blind readers too (Okabe and Ito). */
const COLOURS = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#b8860b",
  "#56b4e9",
  "#7f7f7f",
  "#8b5cf6",
  "#8c510a",
  "#17a2b8",
  "#e7298a",
  "#6b8e23",
];

/** A colour of its own for each place; beyond a dozen they can only be told apart by eye. */
export function colourOf(place: number): string {
  const named = COLOURS[place];
  if (named) return named;
  const hue = (place * 137.508) % 360;
  const channel = (n: number) => {
    const k = (n + hue / 30) % 12;
    const value = 0.5 - 0.32 * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(255 * value)
      .toString(16)
      .padStart(2, "0");
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`;
}

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [560, 280, 44, 40];

/** Round numbers that lie between two, about four steps apart from end to end. */
export function ticks(low: number, high: number): number[] {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= rough * 0.999)!;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, k) =>
    Number(((first + k) * step).toPrecision(12)),
  );
}

export function Chart({ label, across, up, lines, marks = [], until, since }: Props) {
  const ys = lines.flatMap((line) => line.y);
  const xs = lines.flatMap((line) => line.x);
  const low = Math.min(0, ...ys);
  const high = Math.max(...ys, low + 1e-9);
  const [first, last] = [since ?? Math.min(...xs, 0), Math.max(...xs, until ?? 1e-9)];
  const placeX = (x: number) => LEFT + ((x - first) / (last - first)) * (WIDTH - LEFT - 14);
  const placeY = (y: number) => 8 + (1 - (y - low) / (high - low)) * (HEIGHT - BOTTOM - 8);
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="chart" role="img" aria-label={label}>
      {ticks(low, high).map((tick) => (
        <g key={tick}>
          <line x1={LEFT} x2={WIDTH - 14} y1={placeY(tick)} y2={placeY(tick)} className="rule" />
          <text x={LEFT - 7} y={placeY(tick) + 4} textAnchor="end">
            {tick}
          </text>
        </g>
      ))}
      {ticks(first, last).map((tick) => (
        <text key={tick} x={placeX(tick)} y={HEIGHT - BOTTOM + 16} textAnchor="middle">
          {tick}
        </text>
      ))}
      <text x={(WIDTH + LEFT) / 2} y={HEIGHT - 5} textAnchor="middle">
        {up} over the {across}
      </text>
      {marks.map((mark) => (
        <line key={mark} x1={placeX(mark)} x2={placeX(mark)} y1={8} y2={HEIGHT - BOTTOM} className="mark" />
      ))}
      {lines.map((line) => (
        <polyline
          key={line.name}
          points={line.x.map((x, k) => `${placeX(x)},${placeY(line.y[k]!)}`).join(" ")}
          stroke={line.colour}
          opacity={line.faint ? 0.18 : 1}
        >
          <title>{line.name}</title>
        </polyline>
      ))}
    </svg>
  );
}
