import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { defineConfig, type Plugin } from "vite";

const OUT = "../src/pellucid/studio/static";

/** Notes beside the built files which sources they were built from. */
function note(): Plugin {
  return {
    name: "note-sources",
    closeBundle() {
      const names = readdirSync("src", { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).replaceAll("\\", "/"))
        .concat("index.html", "package-lock.json")
        .sort();
      const hash = createHash("sha256");
      for (const name of names) hash.update(`${name}\n`).update(readFileSync(name));
      writeFileSync(join(OUT, "sources.txt"), `${hash.digest("hex")}\n`);
    },
  };
}

export default defineConfig({
  esbuild: { jsx: "automatic" },
  plugins: [note()],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
  },
  server: { host: "127.0.0.1" },
});
