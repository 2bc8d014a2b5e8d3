/** Line drawings of 18 units; they say nothing by themselves, so they are hidden from readers. */

const PATHS = {
  data: "M3 4h5v5H3zM10 4h5v5h-5zM3 11h5v4H3zM10 11h5v4h-5z",
  predict: "M3 15V9M7.5 15V4M12 15v-4M16 15H2",
  explain: "M9 5c4 0 6.5 4 6.5 4S13 13 9 13 2.5 9 2.5 9 5 5 9 5zM9 7.2a1.8 1.8 0 100 3.6 1.8 1.8 0 000-3.6z",
  layers: "M9 2.5l6.5 3.5L9 9.5 2.500 6zM2.500 9.300L9 12.800l6.500-3.500M2.500 12.300L9 15.800l6.500-3.500",
  jobs: "M9 2.500a6.500 6.500 0 100 13 6.500 6.500 0 000-13zM9 5.500V9l2.500 1.600",
  trust: "M9 2.300l5.700 2v4.200c0 3.300-2.400 5.900-5.700 7.200-3.300-1.300-5.700-3.900-5.700-7.200V4.300zM6.300 9l2 2 3.600-3.800",
  dream: "M14.500 11.200A6 6 0 016.800 3.500a6 6 0 107.700 7.700z",
  map: "M4 13a1 1 0 100-.01M7 7a1 1 0 100-.01M12 5a1 1 0 100-.01M13 11a1 1 0 100-.01M9 13a1 1 0 100-.01",
  left: "M11 4L6 9l5 5",
  right: "M7 4l5 5-5 5",
  close: "M4.500 4.500l9 9M13.500 4.500l-9 9",
  sun: "M9 6a3 3 0 100 6 3 3 0 000-6zM9 1.500v2M9 14.500v2M1.500 9h2M14.500 9h2M3.700 3.700l1.400 1.400M12.900 12.900l1.400 1.400M3.700 14.300l1.400-1.400M12.900 5.100l1.400-1.400",
  moon: "M14.500 11.200A6 6 0 016.800 3.500a6 6 0 107.700 7.700z",
  link: "M7.500 10.500l3-3M6.500 8L4.700 9.800a2.500 2.500 0 003.500 3.500L10 11.500M11.500 10l1.800-1.800a2.500 2.500 0 00-3.500-3.500L8 6.500",
  pin: "M6 2.500h6l-1 5 2.500 2.500h-9L7 7.500zM9 10v5.500",
  stop: "M5 5h8v8H5z",
  save: "M9 3v8M5.500 8L9 11.500 12.500 8M3.500 14.500h11",
  dice: "M3.500 3.500h11v11h-11zM6.500 6.500v.01M11.500 6.500v.01M9 9v.01M6.500 11.500v.01M11.500 11.500v.01",
  help: "M6.800 7a2.200 2.200 0 113.200 2c-.7.400-1 .8-1 1.500M9 13v.01",
  plus: "M9 4v10M4 9h10",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 18 18" fill="none" aria-hidden="true">
      <path
        d={PATHS[name]}
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
