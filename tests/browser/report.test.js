// podroute check --format html

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { check, launch, made, open, picture, snapshots, violations, written } from "./browser.js";
import { fleet, hostile } from "./fleet.js";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const cases = [
  ["shop", () => path.join(snapshots, "shop")],
  ["healthy", () => path.join(snapshots, "cilium-cluster-pool")],
  ["dual-stack", () => path.join(snapshots, "calico")],
  ["fleet", () => written("fleet.json", fleet(5000))],
  ["hostile", () => written("hostile.json", hostile())],
  ["nothing", () => written("nothing.json", { kind: "List", apiVersion: "v1", items: [] })],
];

for (const [name, snapshot] of cases) {
  describe(name, () => {
    let one;
    before(() => (one = made(name, snapshot())));

    for (const colorScheme of ["light", "dark"]) {
      test(`shows the report, asks for nothing, and is accessible (${colorScheme})`, async () => {
        const { page, strays, close } = await open(browser, one.file, { colorScheme });
        const count = (selector) => page.locator(selector).count();
        assert.equal(await count("#findings details"), one.report.findings.length);
        const claims = one.report.routes.length + one.report.withheld.length;
        assert.equal(await count("#map .cell"), claims);
        assert.equal(await count("#route-table tbody tr"), one.report.routes.length);
        assert.deepEqual(JSON.parse(await page.locator("#report").textContent()), one.report);
        await picture(page, `${name}-${colorScheme}`);
        await page.locator("#map").screenshot({ path: `${process.env.PICTURES}/${name}-map-${colorScheme}.png` });
        // Of thousands of rows that are alike, colours are looked at once: in the other cases.
        const rules = name === "fleet" ? { "color-contrast": { enabled: false } } : {};
        assert.deepEqual(await violations(page, rules), []);
        assert.notEqual(await page.title(), "run");
        assert.deepEqual(strays, []);
        await close();
      });
    }
  });
}

describe("the page", () => {
  let shop;
  let many;
  before(() => {
    shop = made("shop", path.join(snapshots, "shop"));
    many = made("fleet", written("fleet.json", fleet(5000)));
  });

  test("is refused every request by its own policy", async () => {
    const { page, close } = await open(browser, shop.file);
    const refused = await page.evaluate(async () => {
      const violated = [];
      document.addEventListener("securitypolicyviolation", (event) => violated.push(event.effectiveDirective));
      await fetch("https://example.org/").catch(() => {});
      const image = document.createElement("img");
      image.src = "https://example.org/x.png";
      const script = document.createElement("script");
      script.textContent = "document.title = 'run'";
      document.body.append(image, script);
      await new Promise((resolve) => setTimeout(resolve, 200));
      return violated.sort();
    });
    assert.deepEqual(refused, ["connect-src", "img-src", "script-src-elem"]);
    assert.notEqual(await page.title(), "run");
    await close();
  });

  test("finds and sorts routes among thousands", async () => {
    const { page, close } = await open(browser, many.file);
    const rows = page.locator("#route-table tbody tr:visible");
    const all = many.report.routes.length;
    const count = page.locator("#routes output");
    assert.equal(await count.textContent(), `${all.toLocaleString("en")} of ${all.toLocaleString("en")}`);
    await page.getByLabel("Search routes").fill("WORKER-0123");
    assert.equal(await rows.count(), 1);
    assert.match(await rows.first().textContent(), /^10\.0\.123\.0\/24172\.16\.1\.60worker-0123/);
    assert.equal(await count.textContent(), `1 of ${all.toLocaleString("en")}`);
    await page.getByLabel("Search routes").fill("nobody");
    assert.equal(await rows.count(), 0);
    await page.getByLabel("Search routes").fill("");
    assert.equal(await rows.count(), all);
    // By number and not by text: the last of all is not 10.9 but 10.22.
    const prefix = page.getByRole("button", { name: "Prefix" }).first();
    await prefix.click();
    assert.match(await rows.first().textContent(), /^10\.0\.0\.0\/24/);
    await prefix.click();
    const { prefix: last } = many.report.routes.at(-1);
    assert.ok((await rows.first().textContent()).startsWith(last));
    assert.equal(await page.locator("#route-table th").first().getAttribute("aria-sort"), "descending");
    await close();
  });

  test("can be used by keyboard alone", async () => {
    const { page, close } = await open(browser, shop.file);
    const focused = () => page.evaluate(() => document.activeElement.textContent.trim());
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "Skip to the report");
    const finding = page.locator("#findings details").first();
    for (let at = 0; !(await focused()).includes("ako/cni-plugin-mismatch"); at += 1) {
      assert.ok(at < 40, "no way to the findings");
      await page.keyboard.press("Tab");
    }
    assert.equal(await finding.getAttribute("open"), "");
    await page.keyboard.press("Enter");
    assert.equal(await finding.getAttribute("open"), null);
    const onMap = () => page.evaluate(() => document.activeElement.id === "map-cells");
    for (let at = 0; !(await onMap()); at += 1) {
      assert.ok(at < 60, "no way to the map");
      await page.keyboard.press("Tab");
    }
    const words = page.locator("#cell-words");
    await page.keyboard.press("ArrowRight");
    assert.match(await words.textContent(), /^10\.0\.0\.0\/24 of shop-control-1: routed via 192\.0\.2\.11/);
    await page.keyboard.press("End");
    assert.match(await words.textContent(), /^10\.0\.1\.0\/24 of shop-worker-2: withheld by route\/duplicate-prefix/);
    await close();
  });

  test("is dark where people want it dark", async () => {
    const colours = {};
    for (const colorScheme of ["light", "dark"]) {
      const { page, close } = await open(browser, shop.file, { colorScheme });
      const brightness = (selector, property) =>
        page.locator(selector).first().evaluate((node, property) => {
          const [red, green, blue] = getComputedStyle(node)[property].match(/\d+/g).map(Number);
          return (red + green + blue) / 3;
        }, property);
      colours[colorScheme] = [
        await brightness("body", "backgroundColor"),
        await brightness("body", "color"),
        await brightness("#map .paper", "fill"),
      ];
      await close();
    }
    const [[ground, ink, paper], [darkGround, darkInk, darkPaper]] = [colours.light, colours.dark];
    assert.ok(ground > 200 && ink < 80 && paper > 200, JSON.stringify(colours));
    assert.ok(darkGround < 60 && darkInk > 180 && darkPaper < 60, JSON.stringify(colours));
  });

  test("has everything without scripts", async () => {
    const { page, strays, close } = await open(browser, shop.file, { javaScriptEnabled: false });
    assert.equal(await page.locator("#map .cell").count(), 3);
    assert.equal(await page.locator("#findings details").count(), shop.report.findings.length);
    assert.match(await page.locator("main").innerText(), /Scripts are off/);
    assert.deepEqual(strays, []);
    await close();
  });

  test("is not too wide for a phone", async () => {
    const { page, close } = await open(browser, shop.file, { viewport: { width: 375, height: 800 } });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 375, `${width} wide`);
    await picture(page, "shop-phone");
    await close();
  });

  test("has the map that --format svg writes, and that is a picture of its own", async () => {
    const map = check("--format", "svg", path.join(snapshots, "shop"));
    const file = written("map.svg", map);
    const { page, strays, close } = await open(browser, file);
    assert.equal(await page.locator(".cell").count(), 3);
    assert.deepEqual(strays, []);
    await close();
    assert.ok(readFileSync(written("many.svg", check("--format", "svg", written("fleet.json", fleet(5000))))).length < 2_000_000);
  });
});
