// Pictures of the page, and no serious fault of accessibility on any of its parts.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { picture, server, type Size, visit } from "./browser";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let at: Awaited<ReturnType<typeof server>>;
before(async () => void (at = await server()));
after(() => at.close());

async function accessible(page: Page, where: string): Promise<void> {
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const { violations } = await (window as any).axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
    return violations.map((one: any) => `${one.id}: ${one.help}: ${one.nodes.map((node: any) => node.html.slice(0, 160)).slice(0, 3).join(" | ")}`) as string[];
  });
  assert.deepEqual(violations, [], where);
}

async function look(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(350);
  await picture(page, name);
  await accessible(page, name);
}

async function panels(page: Page, size: Size): Promise<void> {
  const names = size === "phone" ? ["Stage", "Song", "Cues", "Fixtures", "Masters", "Chat"] : ["Masters", "Chat", "Fixtures"];
  for (const name of names) {
    await page.getByRole("tab", { name }).click();
    await look(page, `${size}-${name.toLowerCase()}`);
  }
}

async function play(page: Page): Promise<void> {
  await page.getByRole("slider", { name: "Place in the song" }).focus();
  await page.keyboard.press("Space");
}

for (const size of ["laptop", "phone"] as const) {
  test(`the page on a ${size}`, async (t) => {
    const { page, quiet, close } = await visit(at.url, size);
    t.after(close);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.getByRole("button", { name: "Stop: to the start, dark" }).click();
    await page.waitForTimeout(300);
    await page.getByRole("button", { name: "Section after" }).click();
    await page.waitForTimeout(300);
    await page.getByRole("button", { name: "Section after" }).click();
    await play(page);
    await panels(page, size);
    await page.keyboard.press("Space");
    await page.getByRole("tab", { name: "Fixtures" }).click();
    await page.getByRole("button", { name: "washes", exact: true }).click();
    await look(page, `${size}-chosen`);
    await page.getByRole("button", { name: "Choose none" }).click();
    if (size === "phone") await page.getByRole("tab", { name: "Cues" }).click();
    await page.locator(".cue-open").nth(3).click();
    await page.locator(".cue .editor").scrollIntoViewIfNeeded();
    await look(page, `${size}-cue-edit`);
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await look(page, `${size}-keys`);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Shows, songs and outputs" }).click();
    await look(page, `${size}-show`);
    quiet();
  });
}
