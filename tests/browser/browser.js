// A Chromium that is let out of nowhere, and podroute as a user runs it.

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { chromium } from "playwright-core";

export const { PODROUTE, WORK, PICTURES, CHROMIUM } = process.env;
export const root = fileURLToPath(new URL("../..", import.meta.url));
export const snapshots = path.join(root, "tests/snapshots");
export const dropPage = path.join(root, "policies/browser/dist/index.html");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export function launch() {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Runs podroute check; findings are no failure of it. */
export function check(...args) {
  const { status, stdout, stderr } = spawnSync(PODROUTE, ["check", ...args], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (![0, 1, 3].includes(status)) throw new Error(`podroute check ${args.join(" ")}: ${status}\n${stderr}`);
  return stdout;
}

/** The report on a snapshot as a page, and as JSON. */
export function made(name, snapshot) {
  const file = path.join(WORK, `${name}.html`);
  const json = check("--format", "json", "--format", `html=${file}`, snapshot);
  return { file, json: json.trimEnd(), report: JSON.parse(json) };
}

export function written(name, content) {
  const file = path.join(WORK, name);
  writeFileSync(file, typeof content === "object" && !ArrayBuffer.isView(content) ? JSON.stringify(content) : content);
  return file;
}

/** Opens a file. `strays` has whatever else the page asked for, and what went wrong in it. */
export async function open(browser, file, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const url = pathToFileURL(file).href;
  const strays = [];
  await context.route("**", (route) => {
    const asked = route.request().url();
    if (asked === url) return route.continue();
    return route.abort();
  });
  page.on("request", (request) => {
    const asked = request.url();
    if (asked !== url && !asked.startsWith("blob:")) strays.push(`asked for ${asked}`);
  });
  page.on("pageerror", (error) => strays.push(`threw ${error}`));
  page.on("dialog", (dialog) => strays.push(`said ${dialog.message()}`));
  page.on("console", (message) => {
    if (message.type() === "error") strays.push(`complained: ${message.text()}`);
  });
  await page.goto(url);
  return { page, strays, close: () => context.close() };
}

/** What axe finds wrong, in a line each. */
export async function violations(page, rules = {}) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate((rules) => axe.run(document, { rules }), rules);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(" | ")}`);
}

/** Without an address bar: the whole page, or its top where it is very high. */
export async function picture(page, name) {
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  const fullPage = height < 6000;
  await page.screenshot({ path: path.join(PICTURES, `${name}.png`), fullPage });
}
