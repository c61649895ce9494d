// The page that evaluates dropped files by itself.

import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";

import { zipSync } from "../../policies/browser/node_modules/fflate/esm/index.mjs";
import { check, dropPage, launch, open, picture, snapshots, violations, written } from "./browser.js";
import { fleet } from "./fleet.js";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** Gives the page these files and waits for the report; as the JSON text that it shows. */
async function given(page, files) {
  await page.setInputFiles("#files", files);
  await page.locator("#actions:not([hidden])").waitFor({ timeout: 120_000 });
  return page.locator("#report").textContent();
}

function below(folder) {
  const names = readdirSync(folder, { recursive: true });
  return names.map((name) => path.join(folder, name)).filter((file) => statSync(file).isFile());
}

test("files, archives and lists have the report that podroute check has", async () => {
  const { page, strays, close } = await open(browser, dropPage);
  const sysdump = path.join(snapshots, "sysdump");
  const entries = below(sysdump).map((file) => [path.relative(sysdump, file), readFileSync(file)]);
  const cluster = path.join(snapshots, "cilium-multi-pool/cluster.yaml");
  const many = written("many.json", fleet(5000));
  const typed = written("typed.json", { apiVersion: "v1", kind: "NodeList", items: fleet(2).items.filter((one) => one.kind === "Node").map(({ metadata, status }) => ({ metadata, status })) });
  const cases = [
    [below(path.join(snapshots, "shop")), path.join(snapshots, "shop")],
    [[cluster], cluster],
    [[written("cluster.yaml.gz", gzipSync(readFileSync(cluster)))], cluster],
    [[written("sysdump.zip", zipSync(Object.fromEntries(entries)))], sysdump],
    [[typed], typed],
    [[many], many],
  ];
  for (const [files, snapshot] of cases) {
    assert.equal(await given(page, files), check("--format", "json", snapshot).trimEnd(), snapshot);
    const { findings } = JSON.parse(check("--format", "json", snapshot));
    assert.equal(await page.locator("#findings details").count(), findings.length);
  }
  assert.deepEqual(strays, []);
  await close();
});

test("a file can be dropped, and the report searched and saved", async () => {
  const { page, strays, close } = await open(browser, dropPage);
  assert.deepEqual(await violations(page), []);
  await picture(page, "drop");
  const transfer = await page.evaluateHandle((texts) => {
    const transfer = new DataTransfer();
    for (const [name, text] of texts) transfer.items.add(new File([text], name));
    return transfer;
  }, below(path.join(snapshots, "shop")).map((file) => [path.basename(file), readFileSync(file, "utf8")]));
  await page.dispatchEvent("#drop", "drop", { dataTransfer: transfer });
  await page.locator("#actions:not([hidden])").waitFor();
  await page.locator("#routes input").fill("worker-1");
  assert.equal(await page.locator("#route-table tbody tr:visible").count(), 1);
  assert.deepEqual(await violations(page), []);
  for (const [button, command] of [["#save-report", "json"], ["#save-map", "svg"]]) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
    const saved = readFileSync(await download.path(), "utf8");
    assert.equal(saved.trimEnd(), check("--format", command, path.join(snapshots, "shop")).trimEnd());
  }
  await picture(page, "dropped-shop");
  assert.deepEqual(strays, []);
  await close();
});

test("what cannot be read is said, and is no pass", async () => {
  const { page, strays, close } = await open(browser, dropPage);
  const broken = written("broken.yaml", "kind: Node\nmetadata: {name: a\n");
  const secret = written("secret.yaml", "kind: Secret\napiVersion: v1\nmetadata: {name: s}\ndata: {password: c2VjcmV0}\n");
  const bomb = written("not.zip", new Uint8Array([0x50, 0x4b, 3, 4, 0, 0]));
  const json = await given(page, [broken, secret, bomb]);
  assert.ok(JSON.parse(json).undecided.some((reason) => reason.includes("broken.yaml:")), json);
  assert.ok(!(await page.content()).includes("c2VjcmV0"));
  const state = await page.locator("#state").textContent();
  assert.match(state, /broken\.yaml:\d+: is not YAML/);
  assert.match(state, /not\.zip: /);
  assert.match(await page.locator("#summary").textContent(), /No verdict on the routes is possible/);
  // And the next file is read as if nothing had happened.
  const healthy = path.join(snapshots, "cilium-cluster-pool/cluster.yaml");
  assert.equal(await given(page, [healthy]), check("--format", "json", healthy).trimEnd());
  assert.deepEqual(strays, []);
  await close();
});
