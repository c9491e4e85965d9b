// Which sources a build was made of: gobo's own tests compare this list with the files, so that a
// checkout without Node still knows whether the built page is current.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const SINGLE = ["index.html", "package-lock.json", "package.json", "sources.ts", "tsconfig.json", "vite.config.ts"];

function under(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? under(root, path) : [path];
  });
}

/** A line for each source file, as `sha256sum` writes it. */
export function sourceHashes(root: string): string {
  const paths = [...SINGLE, ...under(root, "public"), ...under(root, "src")].sort();
  const line = (path: string) => {
    const hash = createHash("sha256").update(readFileSync(join(root, path))).digest("hex");
    return `${hash}  ${path}\n`;
  };
  return paths.map(line).join("");
}
