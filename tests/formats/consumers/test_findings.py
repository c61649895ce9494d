"""The formats of findings."""

import csv
import html
import io
import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import cmarkgfm
import jsonschema
import junitparser
from support import WORK, Cases

MODULES = WORK / "node_modules"


def counted(report):
    """The headline's numbers of errors and warnings."""
    findings = report["findings"]
    return [sum(one["severity"] == name for one in findings) for name in ("error", "warning")]


class Sarif(unittest.TestCase):
    schema = json.loads((MODULES / "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json").read_text())

    def problems(self, log):
        validator = jsonschema.Draft4Validator(self.schema, format_checker=jsonschema.FormatChecker())
        return [f"{one.json_path}: {one.message[:200]}" for one in validator.iter_errors(log)]

    def test_the_schema_has_nothing_to_say(self):
        with Cases() as cases:
            for name, text in cases.each("sarif"):
                with self.subTest(name):
                    self.assertEqual(self.problems(json.loads(text)), [])

    def test_the_schema_is_no_rubber_stamp(self):
        with Cases() as cases:
            log = json.loads(dict(cases.each("sarif"))["shop"])
        log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = "x"
        log["runs"][0]["results"][1]["level"] = "fatal"
        self.assertEqual(len(self.problems(log)), 2)

    def validator(self, text, folder):
        tool = MODULES / "@microsoft/sarif-multitool-linux/Sarif.Multitool"
        tool.chmod(0o755)
        log, said = Path(folder) / "log.sarif", Path(folder) / "said.sarif"
        log.write_text(text, encoding="utf-8")
        command = [tool, "validate", log, "--rule-kind", "Gh", "--level", "Error;Warning", "--kind", "Fail",
                   "--output", said, "--log", "ForceOverwrite"]
        environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        self.assertIn("Analysis completed successfully", done.stdout, done.stdout + done.stderr)
        results = json.loads(said.read_text(encoding="utf-8-sig"))["runs"][0]["results"]
        return sorted({one["ruleId"] for one in results})

    def test_github_takes_it(self):
        with Cases() as cases, tempfile.TemporaryDirectory() as folder:
            logs = dict(cases.each("sarif"))
            for name, text in logs.items():
                with self.subTest(name):
                    self.assertEqual(self.validator(text, folder), [])
            log = json.loads(logs["shop"])
            del log["runs"][0]["results"][0]["locations"]
            self.assertIn("GH1015", self.validator(json.dumps(log), folder), "it would have said so")


class Junit(unittest.TestCase):
    def test_a_parser_counts_the_same(self):
        with Cases() as cases:
            reports = {name: json.loads(text) for name, text in cases.each("json")}
            for name, text in cases.each("junit"):
                with self.subTest(name):
                    self.counts(reports[name], text)

    def counts(self, report, text):
        suites = junitparser.JUnitXml.fromstring(text.encode())
        found = [case for suite in suites for case in suite]
        by_kind = {kind: set() for kind in (junitparser.Failure, junitparser.Skipped, junitparser.Error)}
        for case in found:
            for one in case.result:
                by_kind[type(one)].add(case.name)
        failing = {one["rule"] for one in report["findings"] if one["severity"] != "info"}
        self.assertEqual(by_kind[junitparser.Failure], failing)
        waiting = {one["rule"] for one in report["notEvaluated"]} - failing
        self.assertLessEqual(waiting, by_kind[junitparser.Skipped])
        self.assertEqual(by_kind[junitparser.Error], {"verdict on the routes"} if report["undecided"] else set())
        self.assertEqual((suites.failures, suites.errors, suites.skipped, suites.tests),
                         (len(failing), len(by_kind[junitparser.Error]), len(by_kind[junitparser.Skipped]), len(found)))


class GitHub(unittest.TestCase):
    LINE = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")

    def test_the_toolkit_writes_the_same_lines(self):
        with Cases() as cases:
            for name, text in cases.each("github"):
                with self.subTest(name):
                    lines = text.splitlines()
                    commands = [self.command(line) for line in lines]
                    self.assertEqual(self.toolkit(commands), lines)
                    self.assertTrue(all("\n::error::" not in one["message"] or "w|1" in one["message"]
                                        for one in commands))

    def command(self, line):
        match = self.LINE.fullmatch(line)
        self.assertIsNotNone(match, line)
        properties = dict(pair.split("=", 1) for pair in match[2].split(","))
        unescape = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}
        plain = {key: re.sub("%(0D|0A|3A|2C|25)", lambda found: unescape[found[0]], value)
                 for key, value in properties.items()}
        message = re.sub("%(0D|0A|25)", lambda found: unescape[found[0]], match[3])
        return {"name": match[1], "properties": plain, "message": message}

    def toolkit(self, commands):
        script = """
            import { error, warning, notice } from '@actions/core';
            import { readFileSync } from 'node:fs';
            const write = { error, warning, notice };
            for (const one of JSON.parse(readFileSync(0, 'utf8'))) {
                const { file, line, title } = one.properties;
                write[one.name](one.message, { file, startLine: line, title });
            }"""
        path = WORK / "toolkit.mjs"
        path.write_text(script)
        done = subprocess.run(["node", path], input=json.dumps(commands), capture_output=True, text=True, check=True)
        return [self.ordered(line) for line in done.stdout.splitlines()]

    def ordered(self, line):
        """The toolkit writes the title first; the order means nothing."""
        match = self.LINE.fullmatch(line)
        pairs = dict(pair.split("=", 1) for pair in match[2].split(","))
        keys = [key for key in ("file", "line", "title") if key in pairs]
        return f"::{match[1]} {','.join(f'{key}={pairs[key]}' for key in keys)}::{match[3]}"


class Markdown(unittest.TestCase):
    def test_github_renders_a_table_of_all_findings(self):
        with Cases() as cases:
            reports = {name: json.loads(text) for name, text in cases.each("json")}
            for name, text in cases.each("markdown"):
                with self.subTest(name):
                    self.rendered(reports[name], text)

    def rendered(self, report, text):
        page = cmarkgfm.github_flavored_markdown_to_html(text, options=cmarkgfm.cmark.Options.CMARK_OPT_UNSAFE)
        tables = re.findall(r"<table>.*?</table>", page, re.S)
        rows = re.findall(r"<tr>(.*?)</tr>", tables[0], re.S)[1:] if report["findings"] else []
        self.assertEqual(len(rows), len(report["findings"]))
        for row, finding in zip(rows, report["findings"]):
            cells = re.findall(r"<td>(.*?)</td>", row, re.S)
            self.assertEqual(len(cells), 4)
            shown = html.unescape(re.sub(r"<details>.*", "", cells[2], flags=re.S))
            shown = re.sub(r"</?code>", "", shown)
            self.assertEqual(shown, " ".join(finding["message"].split()).replace("\x07", "?"))
        self.assertNotIn("<img", page)
        # GitHub looks for mentions, references and emojis outside of code.
        outside = re.sub(r"<code>.*?</code>|<!--.*?-->", "", page, flags=re.S)
        self.assertIsNone(re.search(r"@\w|#\d|:[\w+-]+:", re.sub(r"<[^>]*>", " ", outside)), outside)


class Gitlab(unittest.TestCase):
    def test_every_finding_is_there(self):
        with Cases() as cases:
            reports = {name: json.loads(text) for name, text in cases.each("json")}
            for name, text in cases.each("gitlab"):
                with self.subTest(name):
                    severities = [one["severity"] for one in json.loads(text)]
                    self.assertEqual([severities.count("critical"), severities.count("major")], counted(reports[name]))
                    self.assertEqual("blocker" in severities, bool(reports[name]["undecided"]))


class Csv(unittest.TestCase):
    def test_a_reader_finds_all_routes(self):
        with Cases() as cases:
            reports = {name: json.loads(text) for name, text in cases.each("json")}
            for name, text in cases.each("csv"):
                with self.subTest(name):
                    rows = list(csv.DictReader(io.StringIO(text, newline="")))
                    if reports[name]["undecided"]:
                        self.assertEqual(rows, [])
                        self.assertNotIn("prefix", csv.DictReader(io.StringIO(text)).fieldnames)
                        continue
                    routes = [(one["prefix"], one["nextHop"], one["node"]) for one in reports[name]["routes"]]
                    read = [(row["prefix"], row["next_hop"], row["node"].removeprefix("'")) for row in rows]
                    self.assertEqual(read, routes)
                    cells = [cell for row in rows for cell in row.values()]
                    self.assertFalse(any(cell[:1] in "=+-@\t\r" for cell in cells if cell))


if __name__ == "__main__":
    unittest.main()
