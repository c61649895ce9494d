"""The package's own behaviour: errors, limits, threads, reviews."""

import datetime
import os
import threading
import unittest
from unittest import mock

import podroute_policy
from here import POLICY, ROOT
from podroute_policy import (
    ComponentError,
    DeadlineExceeded,
    InvalidRequest,
    InvalidSetting,
    Policy,
    PolicyCrashed,
)
from podroute_policy._deadline import TICK, Clock, ticks
from wasmtime import Engine

KUBERNETES = {"cni": "kubernetes"}


def node(name, cidr, address):
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name},
        "spec": {"podCIDR": cidr, "podCIDRs": [cidr]},
        "status": {
            "addresses": [{"type": "InternalIP", "address": address}],
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }


def many(count):
    """A cluster that takes longer, and more memory, than an empty one."""
    return [
        node(f"n{i}", f"10.{i >> 8}.{i & 255}.0/24", f"192.168.{i >> 8}.{i & 255}")
        for i in range(count)
    ]


class Reviews(unittest.TestCase):
    def summary(self, objects, changes):
        review = podroute_policy.review(objects, changes, KUBERNETES)
        rules = {key: [one["rule"] for one in review[key]] for key in ("added", "fixed")}
        return review["verdict"], rules["added"], rules["fixed"]

    def test_what_a_change_would_add_and_mend(self):
        first = node("a", "10.0.0.0/24", "192.0.2.1")
        twin = node("b", "10.0.0.0/24", "192.0.2.2")
        other = node("b", "10.0.1.0/24", "192.0.2.2")
        duplicate = "route/duplicate-prefix"
        gone = {"delete": {"kind": "Node", "name": "b"}}
        self.assertEqual(self.summary([first], [{"put": twin}]), ("deny", [duplicate], []))
        self.assertEqual(self.summary([first], [{"put": other}]), ("allow", [], []))
        self.assertEqual(self.summary([first, twin], [gone]), ("allow", [], [duplicate]))


class Errors(unittest.TestCase):
    def test_a_setting_that_cannot_be_used(self):
        wrong = {"connectedNetworks": ["10.0.0.0/33"]}
        for ask in (
            lambda: POLICY.evaluate([], wrong),
            lambda: POLICY.review([], [], wrong),
        ):
            with self.assertRaisesRegex(InvalidSetting, r"10\.0\.0\.0/33") as caught:
                ask()
            self.assertEqual(caught.exception.setting, "connectedNetworks")
            self.assertIn('"error":"invalid-setting"', caught.exception.document)

    def test_a_request_that_is_none(self):
        for ask in (
            lambda: POLICY.evaluate([], {"conectedNetworks": []}),
            lambda: POLICY.review([], [{"move": {}}]),
            lambda: POLICY.evaluate_json("{"),
            lambda: POLICY.evaluate([{"at": datetime.date(2026, 1, 31)}]),
        ):
            with self.assertRaises(InvalidRequest):
                ask()

    def test_a_component_that_is_none(self):
        with self.assertRaisesRegex(ComponentError, "not a component"):
            Policy(b"no WebAssembly")
        with self.assertRaisesRegex(ComponentError, "not a podroute policy"):
            Policy(b"\0asm\x0d\0\1\0")
        with self.assertRaisesRegex(ComponentError, "no-such-file"):
            Policy("no-such-file")
        with mock.patch.dict(os.environ, PODROUTE_COMPONENT="no-such-file"):
            with self.assertRaisesRegex(ComponentError, "no-such-file"):
                Policy()


class Limits(unittest.TestCase):
    def test_a_call_that_takes_too_long(self):
        hasty = Policy(deadline=0.001, cache=True)
        with self.assertRaisesRegex(DeadlineExceeded, "0.001 s"):
            hasty.evaluate(many(20_000), KUBERNETES)

    def test_a_call_that_takes_too_much_memory(self):
        small = Policy(memory_limit=16 << 20, cache=True)
        with self.assertRaisesRegex(PolicyCrashed, "16777216 bytes"):
            small.evaluate(many(40_000), KUBERNETES)
        self.assertEqual(small.evaluate(many(1), KUBERNETES), POLICY.evaluate(many(1), KUBERNETES))

    def test_one_clock_ticks_for_all_calls_and_stops_after_the_last(self):
        clock = Clock(Engine())
        others = set(threading.enumerate())
        with clock, clock:
            (ticking,) = set(threading.enumerate()) - others
        ticking.join()
        self.assertFalse(clock._ticking)
        with clock:
            (ticking,) = set(threading.enumerate()) - others
        ticking.join()

    def test_no_deadline_comes_early(self):
        self.assertGreaterEqual(ticks(1.0) * TICK, 1.0 + TICK)
        self.assertEqual(ticks(0.001), 2)

    def test_threads_get_what_one_gets(self):
        expected = POLICY.evaluate(many(500), KUBERNETES)
        answers = []

        def ask():
            for _ in range(5):
                answers.append(POLICY.evaluate(many(500), KUBERNETES))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(answers, [expected] * 20)


class Readme(unittest.TestCase):
    def test_shows_the_example_as_it_is(self):
        folder = ROOT / "policies" / "python"
        example = (folder / "examples" / "ci.py").read_text(encoding="utf-8")
        self.assertIn(example, (folder / "README.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()
