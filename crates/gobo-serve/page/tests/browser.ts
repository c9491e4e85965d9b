// A browser, the server that is tested, and what every test looks for besides.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { type Mock, startMock } from "./mock/server";

export const SIZES = { laptop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;
export type Size = keyof typeof SIZES;

const ARGUMENTS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
];

/** The server at GOBO_URL, or a mock of it. */
export async function server(): Promise<{ url: string; mock: Mock | null; close(): Promise<void> }> {
  const url = process.env.GOBO_URL;
  if (url) return { url, mock: null, close: async () => undefined };
  const mock = await startMock();
  return { url: mock.url, mock, close: mock.close };
}

export interface Visit {
  page: Page;
  /** Fails if the page has said an error; `allowed` are those that belong to the test. */
  quiet(allowed?: RegExp): void;
  close(): Promise<void>;
}

/** Opens a page in a browser of its own. */
export async function visit(url: string, size: Size = "laptop", options: { calm?: boolean } = {}): Promise<Visit> {
  const folder = mkdtempSync(join(tmpdir(), "gobo-page-"));
  const context: BrowserContext = await chromium.launchPersistentContext(folder, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ARGUMENTS,
    viewport: SIZES[size],
    hasTouch: size === "phone",
    isMobile: size === "phone",
    reducedMotion: options.calm ? "reduce" : "no-preference",
  });
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(8000);
  const errors: string[] = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(url);
  const quiet = (allowed?: RegExp) => assert.deepEqual(errors.filter((text) => !allowed?.test(text)), []);
  const close = async () => {
    await context.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { page, quiet, close };
}

/** A picture into the folder that SCREENSHOTS names, if it names one. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** Waits until what `read` gives is right. */
export async function until<T>(read: () => Promise<T>, isRight: (value: T) => boolean, what: string): Promise<T> {
  const end = Date.now() + 8000;
  for (;;) {
    const value = await read();
    if (isRight(value)) return value;
    if (Date.now() > end) assert.fail(`${what}: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
