import { defineConfig, type Plugin } from "vite";
import { sourceHashes } from "./sources";

/** Writes which sources the build was made of beside it. */
const sources: Plugin = {
  name: "sources",
  apply: "build",
  generateBundle() {
    this.emitFile({ type: "asset", fileName: "SOURCES.sha256", source: sourceHashes(__dirname) });
  },
};

const server = process.env.GOBO_URL ?? "http://127.0.0.1:8710";

export default defineConfig({
  base: "./",
  plugins: [sources],
  esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
  build: {
    target: "es2021",
    modulePreload: false,
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    rollupOptions: {
      // Names without hashes: the server answers by entity tag, and a change reads well in git.
      output: { entryFileNames: "page.js", assetFileNames: "page[extname]", inlineDynamicImports: true },
    },
  },
  // `npm run dev` against a server that runs.
  server: {
    proxy: {
      "/ws": { target: server, ws: true },
      "/song": server,
      "/login": server,
      "/rgb": server,
    },
  },
});
