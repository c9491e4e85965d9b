// `npm run check`: builds the page anew and compares it with what is committed, byte by byte.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
const built = mkdtempSync(join(tmpdir(), "gobo-page-"));
try {
  await build({ root, logLevel: "warn", build: { outDir: built, emptyOutDir: true } });
  const [fresh, committed] = [built, join(root, "dist")].map((folder) => readdirSync(folder).sort());
  const names = [...new Set([...fresh!, ...committed!])];
  const read = (folder: string, name: string) => readFileSync(join(folder, name));
  const isSame = (name: string) => fresh!.includes(name) && committed!.includes(name) && read(built, name).equals(read(join(root, "dist"), name));
  const other = names.filter((name) => !isSame(name));
  if (other.length > 0) {
    console.error(`dist/ is not what the sources give: ${other.join(", ")}. Run \`npm run build\`.`);
    process.exitCode = 1;
  }
} finally {
  rmSync(built, { recursive: true, force: true });
}
