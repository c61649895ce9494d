import { readFileSync } from "node:fs";
import { evaluate } from "podroute-policy";

const [file = "cluster.json"] = process.argv.slice(2);
const { findings, undecided } = evaluate([JSON.parse(readFileSync(file, "utf8"))]);
for (const { severity, rule, message, fix } of findings) {
  console.log(`${severity} ${rule}: ${message}\n  fix: ${fix}`);
}
const failed = findings.some(({ severity }) => severity === "error");
process.exitCode = failed ? 1 : undecided.length > 0 ? 3 : 0;
