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

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [560, 280, 44, 34];

export function Chart({ label, across, up, lines }: Props) {
  const ys = lines.flatMap((line) => line.y);
  const xs = lines.flatMap((line) => line.x);
  const low = Math.min(0, ...ys);
  const high = Math.max(...ys, low + 1e-9);
  const [first, last] = [Math.min(...xs, 0), Math.max(...xs, 1e-9)];
  const placeX = (x: number) => LEFT + ((x - first) / (last - first)) * (WIDTH - LEFT - 8);
  const placeY = (y: number) => 8 + (1 - (y - low) / (high - low)) * (HEIGHT - BOTTOM - 8);
  const ticks = Array.from({ length: 5 }, (_, k) => low + (k / 4) * (high - low));
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="chart" role="img" aria-label={label}>
      {ticks.map((tick) => (
        <g key={tick}>
          <line x1={LEFT} x2={WIDTH - 8} y1={placeY(tick)} y2={placeY(tick)} className="rule" />
          <text x={LEFT - 7} y={placeY(tick) + 4} textAnchor="end">
            {Number(tick.toPrecision(2))}
          </text>
        </g>
      ))}
      {[0, 0.5, 1].map((share) => (
        <text key={share} x={placeX(first + share * (last - first))} y={HEIGHT - 14} textAnchor="middle">
          {Number((first + share * (last - first)).toPrecision(2))}
        </text>
      ))}
      <text x={(WIDTH + LEFT) / 2} y={HEIGHT - 1} textAnchor="middle">
        {up} over the {across}
      </text>
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
