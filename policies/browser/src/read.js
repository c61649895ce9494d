// Dropped files, read as `podroute check` reads them: objects in whatever
// list, without Secrets; what cannot be read is an error that says where.

import { gunzipSync, strFromU8, unzipSync } from "fflate";
import { parseAllDocuments } from "yaml";

const WANTED = /\.(json|ya?ml)(\.gz)?$/i;
/** How much a file may hold once unpacked: a page has no more memory than that. */
const LIMIT = 1 << 30;
/** How many lists may be inside of each other. */
const MAX_LISTS = 4;

/** Reads `{ name, bytes }`, in the order of their names. */
export function read(files) {
  const found = { objects: [], listedKinds: new Set(), errors: [], notes: [] };
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, bytes } of sorted) guarded(name, found, () => readFile(name, bytes, found));
  return found;
}

function readFile(name, bytes, found) {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3) return readArchive(name, bytes, found);
  readText(name, text(bytes), found, false);
}

/** A sysdump, or any other zip: everything in it that is JSON or YAML by its name. */
function readArchive(name, bytes, found) {
  let size = 0;
  let skipped = 0;
  const entries = unzipSync(bytes, {
    filter: (entry) => {
      const wanted = WANTED.test(entry.name);
      if (!wanted) skipped += entry.name.endsWith("/") ? 0 : 1;
      else size += entry.originalSize;
      if (size > LIMIT) throw new Error(`holds more than ${LIMIT >> 30} GiB`);
      return wanted;
    },
  });
  if (skipped > 0) found.notes.push(`${name}: ${skipped} files that are neither JSON nor YAML were not read`);
  const names = Object.keys(entries).sort();
  if (names.length === 0) throw new Error("no .json, .yaml or .yml file is in this archive");
  for (const inner of names) {
    const where = `${name}/${inner}`;
    guarded(where, found, () => readText(where, text(entries[inner]), found, true));
  }
}

function text(bytes) {
  const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? unzipped(bytes) : bytes;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(plain);
  } catch {
    throw new Error("is not text: it is no UTF-8");
  }
}

function unzipped(bytes) {
  // What it unpacks to stands in its last four bytes.
  const size = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4).getUint32(0, true);
  if (size > LIMIT) throw new Error(`holds more than ${LIMIT >> 30} GiB`);
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw new Error(`is broken gzip: ${error.message}`);
  }
}

function readText(name, content, found, tolerant) {
  if (/^\s*[[{]/.test(content)) {
    let whole;
    try {
      whole = JSON.parse(content);
    } catch {
      // Braces begin YAML, too.
    }
    if (whole !== undefined) return add(name, whole, undefined, 0, found, tolerant);
  }
  for (const document of parseAllDocuments(content, { logLevel: "silent" })) {
    const [error] = document.errors;
    if (error) {
      found.errors.push(`${name}:${error.linePos?.[0].line ?? 1}: is not YAML: ${error.message.split("\n")[0]}`);
    } else {
      guarded(name, found, () => add(name, document.toJS({ maxAliasCount: 1000 }), undefined, 0, found, tolerant));
    }
  }
}

/** Objects out of lists; items of typed lists get the list's kind. */
function add(name, value, inherited, depth, found, tolerant) {
  if (depth > MAX_LISTS) throw new Error(`has lists inside of more than ${MAX_LISTS} lists`);
  if (value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) add(name, item, inherited, depth + 1, found, tolerant);
    return;
  }
  const kind = value.kind ?? inherited?.kind;
  if (typeof value !== "object" || typeof kind !== "string") {
    const message = `${name}: is no Kubernetes object: it has no \`kind\``;
    (tolerant ? found.notes : found.errors).push(message);
  } else if (kind === "Secret") {
    found.notes.push(`${name}: a Secret was not read in`);
  } else if (kind.endsWith("List")) {
    const of = kind.slice(0, -"List".length);
    if (of !== "") found.listedKinds.add(of);
    const items = of === "" ? undefined : { apiVersion: value.apiVersion ?? "v1", kind: of };
    for (const item of value.items ?? []) add(name, item, items, depth + 1, found, tolerant);
  } else {
    found.objects.push(value.kind === undefined ? { ...inherited, ...value } : value);
  }
}

function guarded(name, found, work) {
  try {
    work();
  } catch (error) {
    found.errors.push(`${name}: ${error.message}`);
  }
}

/** What goes into the component: a podroute.request/v1. */
export function request({ objects, listedKinds, errors }) {
  return JSON.stringify({
    objects,
    settings: {
      today: new Date().toISOString().slice(0, 10),
      listedKinds: [...listedKinds].sort(),
      // Nobody knows what would have been in input that cannot be read.
      gaps: errors.map((reason) => ({ kind: "*", reason })),
    },
  });
}
