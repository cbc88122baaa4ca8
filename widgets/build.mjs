// Builds every front end into the Python package; with --check, fails when a committed bundle is not what its source gives.
import { readFile } from "node:fs/promises";
import { build } from "esbuild";

const bundles = { "notebook/panels/static/run_panel": "src/run_panel.ts", "viewers/static/viewer": "src/viewer.ts" };
const target = new URL("../mlip_nb/", import.meta.url).pathname;
const checking = process.argv.includes("--check");

const result = await build({
  entryPoints: bundles,
  outdir: target,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "inline",
  loader: { ".css": "text" },
  banner: {
    js: "/* Built from widgets/src by `npm run build`; run_panel.js contains uPlot (MIT License, Leon Sorokin). */",
  },
  write: !checking,
});

for (const file of checking ? result.outputFiles : []) {
  if (file.text !== (await readFile(file.path, "utf8").catch(() => ""))) {
    console.error(`${file.path} is not what its source gives; run: npm run build`);
    process.exitCode = 1;
  }
}
