/** Dark or light: as the system has it, or as was chosen here. */

import { store, useStore } from "./store";

type Theme = "dark" | "light";

const KEY = "pellucid-theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const theme = store<Theme>(chosen());

function chosen(): Theme {
  const kept = localStorage.getItem(KEY);
  if (kept === "dark" || kept === "light") return kept;
  return system.matches ? "dark" : "light";
}

export const useTheme = () => useStore(theme);

export function applyTheme(): void {
  document.documentElement.dataset.theme = theme.get();
  system.addEventListener("change", () => {
    theme.set(chosen());
    document.documentElement.dataset.theme = theme.get();
  });
}

export function toggleTheme(): void {
  const next = theme.get() === "dark" ? "light" : "dark";
  localStorage.setItem(KEY, next);
  theme.set(next);
  document.documentElement.dataset.theme = next;
}
