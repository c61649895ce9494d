// Makes the page handier: search and sorting in tables, arrow keys in the map.
"use strict";

/** Gives the tables and the map inside of a place their handles. */
function enliven(place) {
  for (const region of place.querySelectorAll("[data-table]")) enlivenTable(region);
  const map = place.querySelector("#map-cells");
  if (map) enlivenMap(map, place.querySelector("#cell-words"));
}

function enlivenTable(region) {
  const table = region.querySelector("table");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const search = element("div", { className: "search" });
  const what = region.closest("section").querySelector("h2").textContent.toLowerCase();
  const label = element("label", { textContent: `Search ${what}`, htmlFor: `${table.id}-search` });
  const input = element("input", { type: "search", id: `${table.id}-search`, autocomplete: "off" });
  const count = element("output", { htmlFor: input.id });
  const tell = (shown) => {
    count.textContent = `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")}`;
  };
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = texts.get(row);
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) shown += 1;
    }
    tell(shown);
  });
  tell(rows.length);
  search.append(label, input, count);
  region.before(search);
  [...table.tHead.rows[0].cells].forEach((head, column) => enlivenHead(head, column, body, rows));
}

function enlivenHead(head, column, body, rows) {
  const button = element("button", { type: "button", textContent: head.textContent });
  head.replaceChildren(button);
  button.addEventListener("click", () => {
    const up = head.getAttribute("aria-sort") !== "ascending";
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    // Digits count as numbers: 10.0.9.0 comes before 10.0.10.0.
    const { compare } = new Intl.Collator("en", { numeric: true });
    const keyed = rows.map((row, at) => [row.cells[column].textContent, at, row]);
    keyed.sort(([a, i], [b, j]) => (up ? compare(a, b) : compare(b, a)) || i - j);
    body.append(...keyed.map(([, , row]) => row));
  });
}

function enlivenMap(map, output) {
  // The widest prefixes are drawn first; people move by address and place.
  const boxes = [...map.querySelectorAll(".cell")].map((cell) => {
    const box = cell.getBoundingClientRect();
    return { cell, x: box.x + box.width / 2, y: box.y };
  });
  boxes.sort((a, b) => a.y - b.y || a.x - b.x);
  let current = -1;
  const go = (to, scroll) => {
    boxes[current]?.cell.classList.remove("current");
    current = Math.max(0, Math.min(boxes.length - 1, to));
    const { cell } = boxes[current];
    cell.classList.add("current");
    if (scroll) cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    output.textContent = cell.querySelector("title").textContent;
  };
  // The nearest cell of the rows above or below.
  const vertical = (way) => {
    const from = boxes[Math.max(current, 0)];
    let best = -1;
    let least = Infinity;
    boxes.forEach(({ x, y }, at) => {
      const down = (y - from.y) * way;
      const far = down * 4 + Math.abs(x - from.x);
      if (down > 1 && far < least) [best, least] = [at, far];
    });
    return best < 0 ? current : best;
  };
  map.addEventListener("keydown", (event) => {
    if (boxes.length === 0) return;
    const to = {
      ArrowRight: () => current + 1,
      ArrowLeft: () => current - 1,
      ArrowDown: () => vertical(1),
      ArrowUp: () => vertical(-1),
      Home: () => 0,
      End: () => boxes.length - 1,
    }[event.key];
    if (!to || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    go(to(), true);
  });
  map.addEventListener("click", (event) => {
    const at = boxes.findIndex(({ cell }) => cell === event.target);
    if (at >= 0) go(at, false);
  });
}

function element(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}

enliven(document);
