// Copies what the site serves of the npm packages into vendor/<library>/ (`make vendor`).
//
// Source maps are not shipped, so the comments that name them go: a browser's developer tools would ask for each.
// Leaflet's pictures are put into its style sheet, which is read without a connection.
// Nothing is rewritten beyond that; bare names ("terra-draw") are resolved by the page's import map.
import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const vendor = join(here, "vendor");
const fresh = join(here, `vendor.${process.pid}`);

const font = "@fontsource/atkinson-hyperlegible";
const fontFiles = ["latin", "latin-ext"].flatMap((subset) =>
  ["400-normal", "400-italic", "700-normal"].map((style) => `files/atkinson-hyperlegible-${subset}-${style}.woff2`),
);
const icons = (await readFile(join(here, "icons.txt"), "utf8")).split("\n").filter(Boolean);

// Folder in vendor/ → npm package and its files.
const libraries = {
  // The worker must lie beside the module: MapLibre looks for it there unless setWorkerUrl() names another.
  "maplibre-gl": [
    "maplibre-gl",
    ["dist/maplibre-gl.mjs", "dist/maplibre-gl-worker.mjs", "dist/maplibre-gl.css", "LICENSE.txt"],
  ],
  "terra-draw": ["terra-draw", ["dist/terra-draw.modern.js"]],
  "terra-draw-maplibre-gl-adapter": [
    "terra-draw-maplibre-gl-adapter",
    ["dist/terra-draw-maplibre-gl-adapter.modern.js"],
  ],
  // Inlined into reports that are read without a connection; no page loads it.
  leaflet: ["leaflet", ["dist/leaflet.js", "dist/leaflet.css", "LICENSE"]],
  htmx: ["htmx.org", ["dist/htmx.esm.min.js", "LICENSE"]],
  fonts: [font, [...fontFiles, "LICENSE"]],
  lucide: ["lucide-static", [...icons.map((name) => `icons/${name}.svg`), "LICENSE"]],
};

const sourceMapComment = /^\s*(?:\/\/[#@] ?sourceMappingURL=\S+|\/\*[#@] ?sourceMappingURL=.*?\*\/)\s*$/gm;

async function withPictures(css, folder) {
  const names = new Set([...css.matchAll(/url\((images\/[\w-]+\.png)\)/g)].map((found) => found[1]));
  for (const name of names) {
    const picture = await readFile(join(folder, name), "base64");
    css = css.replaceAll(`url(${name})`, `url(data:image/png;base64,${picture})`);
  }
  return css;
}

async function copy(from, to) {
  if (!existsSync(from)) {
    throw new Error(`${from} does not exist: was a package updated, or is a name in icons.txt wrong?`);
  }
  if (/\.(css|js|mjs)$/.test(from)) {
    const text = (await readFile(from, "utf8")).replace(sourceMapComment, "");
    await writeFile(to, basename(from) === "leaflet.css" ? await withPictures(text, dirname(from)) : text);
  } else {
    await cp(from, to);
  }
}

await rm(fresh, { recursive: true, force: true });
for (const [folder, [library, files]] of Object.entries(libraries)) {
  await mkdir(join(fresh, folder), { recursive: true });
  for (const file of files) {
    await copy(join(modules, library, file), join(fresh, folder, basename(file)));
  }
}
await writeFile(join(fresh, ".complete"), "");
await rm(vendor, { recursive: true, force: true });
await rename(fresh, vendor);
