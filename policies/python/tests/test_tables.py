"""The conformance tables, asked of this package."""

import unittest

from here import POLICY, tables


class Tables(unittest.TestCase):
    def test_no_table_is_empty(self):
        for table in (tables.ako, tables.peers, tables.charts, tables.healthy):
            self.assertGreaterEqual(len(list(table())), 15, table.__name__)

    def test_what_stands_in_the_tables(self):
        for case in tables.cases():
            with self.subTest(case.id):
                self.check(case, POLICY.evaluate(case.objects, case.settings))

    def test_a_review_of_a_step_says_what_its_report_adds(self):
        for step in tables.ako():
            with self.subTest(step.after.id):
                review = POLICY.review(step.before, step.changes)
                before = rules(POLICY.evaluate(step.before)["findings"])
                for rule in step.after.findings:
                    self.assertIn(rule, before + rules(review["added"]))
                errors = [one for one in review["added"] if one["severity"] == "error"]
                self.assertEqual(review["verdict"] == "deny", bool(errors))

    def check(self, case, report):
        findings = report["findings"]
        self.assertEqual(report["problems"], [])
        if case.routes is not None:
            routes = [f"{one['prefix']} via {one['nextHop']}" for one in report["routes"]]
            self.assertEqual(routes, case.routes)
        self.assertEqual(set(case.findings) - set(rules(findings)), set())
        if case.alarms is not None:
            alarms = [
                f"{one['severity']} {one['rule']}"
                for one in findings
                if one["severity"] != "info"
            ]
            self.assertEqual(sorted(alarms), case.alarms)
        if case.detected is not None:
            cluster = report["cluster"]
            self.assertEqual([cluster["cni"], cluster["podCidrSource"]], case.detected)
            self.assertEqual(report["undecided"], [])
            told = [rule for rule in rules(findings) if rule.startswith("cni/")]
            self.assertEqual(told, case.findings)


def rules(findings):
    return [one["rule"] for one in findings]


if __name__ == "__main__":
    unittest.main()
