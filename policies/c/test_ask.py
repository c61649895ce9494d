"""The policy in C: what it answers must be what the podroute binary answered,
and limits must stop it. Started by ./run, which says where things are."""

import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

ASK = os.environ["PODROUTE_ASK"]
COMPONENT = os.environ["PODROUTE_COMPONENT"]
COMPILED = os.environ["PODROUTE_COMPILED"]
CASES = sorted(Path(os.environ["PODROUTE_CASES"]).glob("*.json"))
EXPECTED = Path(os.environ["PODROUTE_EXPECTED"])

ANSWERED, REFUSED, STOPPED = 0, 1, 2


def ask(function, request, *options, policy=COMPILED):
    """Exit code, standard output and standard error."""
    done = subprocess.run(
        [ASK, *options, policy, function], input=request, capture_output=True
    )
    return done.returncode, done.stdout, done.stderr


def node(name, pod_cidr, address):
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name},
        "spec": {"podCIDR": pod_cidr, "podCIDRs": [pod_cidr]},
        "status": {"addresses": [{"type": "InternalIP", "address": address}]},
    }


def request(**parts):
    return json.dumps({"settings": {"cni": "kubernetes"}, **parts}).encode()


class Ask(unittest.TestCase):
    def test_reports_and_refusals_are_those_of_the_podroute_binary(self):
        answered = {file.name.split(".")[0]: file for file in EXPECTED.iterdir()}
        self.assertGreaterEqual(len(answered), 4)
        for case in CASES:
            expected = answered.get(case.stem)
            # `podroute check` takes files, and cannot be asked everything.
            if expected is None:
                continue
            with self.subTest(case.stem):
                code = ANSWERED if expected.suffixes[-2] == ".ok" else REFUSED
                answer = expected.read_bytes() + b"\n"
                self.assertEqual(
                    ask("evaluate", case.read_bytes()), (code, answer, b"")
                )

    def test_a_component_and_its_compiled_form_answer_alike(self):
        text = CASES[0].read_bytes()
        self.assertEqual(ask("evaluate", text, policy=COMPONENT), ask("evaluate", text))

    def test_a_node_that_claims_the_prefix_of_another_is_denied(self):
        code, answer, _ = ask(
            "review",
            request(
                objects=[node("a", "10.244.1.0/24", "192.0.2.1")],
                changes=[{"put": node("b", "10.244.1.0/24", "192.0.2.2")}],
            ),
        )
        review = json.loads(answer)
        rules = [finding["rule"] for finding in review["added"]]
        self.assertEqual(
            (code, review["verdict"], rules), (ANSWERED, "deny", ["route/duplicate-prefix"])
        )

    def test_limits_stop_it(self):
        nodes = [
            node(f"n{i}", f"10.{i >> 8}.{i & 255}.0/24", "192.0.2.1")
            for i in range(20000)
        ]
        large = request(objects=nodes)
        self.assertEqual(ask("evaluate", large)[0], ANSWERED)

        code, answer, why = ask("evaluate", large, "--deadline", "1")
        self.assertEqual((code, answer), (STOPPED, b""))
        self.assertIn(b"wasm trap: interrupt", why)

        code, answer, why = ask("evaluate", large, "--memory", "8")
        self.assertEqual((code, answer), (STOPPED, b""))
        self.assertIn(b"wasm trap: wasm `unreachable` instruction executed", why)

    def test_what_is_not_utf8_is_refused_before_it_gets_to_wasmtime(self):
        for text in (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"):
            code, _, why = ask("evaluate", text)
            self.assertEqual((code, b"not UTF-8" in why), (STOPPED, True), text)
        for text in ("é", "€", "😀", "\U0010ffff"):
            code, answer, _ = ask("evaluate", text.encode())
            self.assertEqual(
                (code, json.loads(answer)["error"]), (REFUSED, "invalid-request"), text
            )

    def test_a_file_that_is_no_policy_is_refused(self):
        for policy in (__file__, "/does/not/exist", "/does/not/exist.cwasm"):
            code, answer, why = ask("evaluate", b"{}", policy=policy)
            self.assertEqual((code, answer), (STOPPED, b""))
            self.assertIn(b"is no policy: ", why)

    def test_in_a_row_each_request_stands_on_its_own(self):
        """Through the adapter that all embeddings have."""
        small = {"objects": [node("a", "10.244.1.0/24", "192.0.2.1")]}
        texts = [json.dumps(small), "no json", "\ud800", json.dumps(small)]
        lines = [
            json.dumps({"id": str(i), "op": "evaluate", "request": text})
            for i, text in enumerate(texts)
        ]
        adapter = Path(__file__).with_name("conformance.py")
        done = subprocess.run(
            [sys.executable, adapter, ASK, COMPILED],
            input="\n".join(lines) + "\n",
            capture_output=True,
            encoding="utf-8",
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        first, no_json, no_utf8, again = map(json.loads, done.stdout.splitlines())
        self.assertTrue(first["ok"])
        self.assertEqual(json.loads(no_json["answer"])["error"], "invalid-request")
        self.assertEqual(no_utf8["failed"], "the request is not UTF-8")
        self.assertEqual(again, {**first, "id": "3"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
