"""The runner itself: it sees every difference, and takes nothing for an answer
that is none."""

import sys
import tempfile
import unittest
from pathlib import Path

import docs
from cases import Case, cases
from conformance import Outcome, run
from engines import Answer, Lines, NotRun, Refused

ASKED = [
    Case("one", "evaluate", '{"objects":[]}'),
    Case("two", "evaluate", "{"),
    Case("three", "review", "{}", expected=("warn", ["a/b"], [])),
]
REVIEW = '{"verdict":"warn","added":[{"rule":"a/b"}],"fixed":[]}'
RIGHT = [Answer(True, "{}"), Answer(False, '{"error":"é"}'), Answer(True, REVIEW)]


class Fake:
    def __init__(self, answers, partly=False):
        self.answers = answers
        self.partly = partly

    def ask(self, asked):
        if isinstance(self.answers, Exception):
            raise self.answers
        return "1.0", self.answers


def outcome_of(other, asked=ASKED):
    reference, outcome = run({"reference": Fake(RIGHT), "other": other}, asked)
    assert reference.wrong == [], reference.wrong
    return outcome


class Comparing(unittest.TestCase):
    def test_the_same_answers(self):
        outcome = outcome_of(Fake(RIGHT))
        self.assertEqual(outcome.wrong, [])
        self.assertEqual(outcome.same, {"evaluate": (2, 2), "review": (1, 1)})

    def test_any_difference(self):
        for number, answer, part in (
            (0, Answer(True, "{}\n"), "sha256"),
            (0, Answer(False, "{}"), "ok is False"),
            (1, Answer(False, '{"error":"e"}'), "from character 10 on"),
            (2, Refused("failed", "a trap"), "a trap"),
            (2, Refused("unsupported", "no reviews"), "no reviews"),
        ):
            with self.subTest(answer):
                answers = [*RIGHT[:number], answer, *RIGHT[number + 1 :]]
                outcome = outcome_of(Fake(answers))
                self.assertEqual(len(outcome.wrong), 1)
                self.assertIn(part, outcome.wrong[0])

    def test_an_embedding_that_takes_a_part(self):
        outcome = outcome_of(Fake([*RIGHT[:2], Refused("unsupported", "")], partly=True))
        self.assertEqual(outcome.wrong, [])
        self.assertEqual(outcome.same, {"evaluate": (2, 2), "review": (0, 1)})

    def test_an_embedding_that_is_not_there(self):
        outcome = outcome_of(Fake(NotRun("no Node.js")))
        self.assertEqual((outcome.not_run, outcome.same), ("no Node.js", {}))

    def test_a_reference_that_does_not_say_what_was_worked_out(self):
        answers = [*RIGHT[:2], Answer(True, REVIEW.replace("warn", "deny"))]
        (outcome,) = run({"reference": Fake(answers)}, ASKED)
        self.assertIn("('deny', ['a/b'], []), not ('warn'", outcome.wrong[0])


class Speaking(unittest.TestCase):
    def ask(self, program):
        return outcome_of(Lines([sys.executable, "-c", program]))

    def test_answers_line_by_line(self):
        answers = [("1.0", True)] + [(one.text, one.ok) for one in RIGHT]
        outcome = self.ask(
            "import json, sys\n"
            f"for line, (text, ok) in zip(sys.stdin, {answers!r}):\n"
            "    print(json.dumps({'id': json.loads(line)['id'], 'ok': ok, 'answer': text}))"
        )
        self.assertEqual((outcome.about, outcome.wrong), ("1.0", []))

    def test_what_is_no_answer(self):
        echo = "import json, sys\nfor line in sys.stdin: one = json.loads(line); print(json.dumps(%s))"
        for program, part in (
            ("import sys; sys.exit('it broke')", "it broke"),
            ("", "0 answers to 4 requests"),
            (echo % "{'id': one['id']}", "without `ok` and `answer`"),
            (echo % "{'id': 'x', 'ok': True, 'answer': ''}", "an answer to 'x'"),
            ("import sys\nfor line in sys.stdin: print('?')", "no JSON"),
        ):
            with self.subTest(part):
                (wrong,) = self.ask(program).wrong
                self.assertIn(part, wrong)

    def test_an_adapter_that_finds_nothing_to_run(self):
        program = "import sys; sys.stdin.read(); sys.stderr.write('not run: no C\\n'); sys.exit(77)"
        self.assertEqual(self.ask(program).not_run, "no C")
        self.assertIn("No such file", outcome_of(Lines(["/no/such/program"])).not_run)


class Documenting(unittest.TestCase):
    def test_the_table_has_what_ran(self):
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "page.md"
            page.write_text(f"before\n{docs.MARKS[0]}{docs.MARKS[1]}after\n", encoding="utf-8")
            same = {"evaluate": (2, 2), "review": (0, 1)}
            a = Outcome("a", "HTTP", "1.0", same)
            b = Outcome("b", "HTTP", not_run="no")
            docs.update(page, [a, b])
            text = page.read_text(encoding="utf-8")
            self.assertIn("\n| a | 1.0 | HTTP | 2 of 2 | not offered |\n", text)
            self.assertNotIn("| b |", text)
            self.assertTrue(text.startswith("before\n") and text.endswith("after\n"))
            self.assertEqual(list(docs.differences(page, [a, b])), [])
            ran = Outcome("b", "HTTP", "1.0", same)
            self.assertEqual(len(list(docs.differences(page, [a, ran]))), 1)
            self.assertEqual(len(list(docs.differences(page, [ran]))), 2)


class Cases(unittest.TestCase):
    def test_each_has_a_name_of_its_own(self):
        names = [one.id for one in cases()]
        self.assertGreater(len(names), 400)
        self.assertEqual(len(names), len(set(names)))


if __name__ == "__main__":
    unittest.main()
