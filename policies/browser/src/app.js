// The page: files in, report out. `enliven` is of the report's own script.

import { map, report } from "./policy.js";
import { read, request } from "./read.js";

const zone = document.querySelector("#drop");
const chooser = document.querySelector("#files");
const state = document.querySelector("#state");
const place = document.querySelector("#result");
const actions = document.querySelector("#actions");
const sections = document.querySelector("nav");
const source = document.querySelector("#report");

sections.hidden = true;
zone.addEventListener("dragover", (event) => {
  event.preventDefault();
  zone.classList.add("over");
});
zone.addEventListener("dragleave", () => zone.classList.remove("over"));
// A file that misses the zone must not replace the page.
for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());
zone.addEventListener("drop", (event) => {
  zone.classList.remove("over");
  show([...event.dataTransfer.files]);
});
document.querySelector("#choose").addEventListener("click", () => chooser.click());
chooser.addEventListener("change", () => show([...chooser.files]));
document.querySelector("#save-report").addEventListener("click", () => {
  save("report.json", "application/json", source.textContent);
});
document.querySelector("#save-map").addEventListener("click", async () => {
  save("map.svg", "image/svg+xml", await map(source.textContent));
});

async function show(files) {
  if (files.length === 0) return;
  place.replaceChildren();
  actions.hidden = sections.hidden = true;
  say(`Reading ${files.map((file) => file.name).join(", ")} …`);
  // What is said appears before the work begins.
  await new Promise((resolve) => setTimeout(resolve, 30));
  try {
    const bytes = files.map(async (file) => ({
      name: file.name,
      bytes: new Uint8Array(await file.arrayBuffer()),
    }));
    const found = read(await Promise.all(bytes));
    const answer = await report(request(found));
    source.textContent = answer.report;
    // The policy has escaped every text in it.
    place.innerHTML = answer.page;
    enliven(place);
    actions.hidden = sections.hidden = false;
    say([`${found.objects.length} objects of ${files.length} files`, ...found.errors, ...found.notes].join("\n"));
    document.querySelector("#summary-heading").scrollIntoView();
  } catch (thrown) {
    const words = thrown.payload ?? thrown.message ?? thrown;
    say(`This could not be evaluated: ${typeof words === "string" ? words : JSON.stringify(words)}`);
  } finally {
    chooser.value = "";
  }
}

function say(words) {
  state.textContent = words;
}

function save(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
