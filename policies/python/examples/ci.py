import json
import sys

from podroute_policy import evaluate

with open(sys.argv[1] if len(sys.argv) > 1 else "cluster.json", encoding="utf-8") as file:
    report = evaluate([json.load(file)])
for finding in report["findings"]:
    print(f"{finding['severity']} {finding['rule']}: {finding['message']}")
    print(f"  fix: {finding['fix']}")
failed = any(finding["severity"] == "error" for finding in report["findings"])
sys.exit(1 if failed else 3 if report["undecided"] else 0)
