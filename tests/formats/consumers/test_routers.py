"""The formats of routes, given to the routers."""

import json
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from support import Cases


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


class Routers(unittest.TestCase):
    def texts(self, format, program):
        if not shutil.which(program):
            self.skipTest(f"{program} is not installed")
        with Cases() as cases, tempfile.TemporaryDirectory() as folder:
            reports = {name: json.loads(text) for name, text in cases.each("json")}
            for name, text in cases.each(format):
                path = Path(folder) / f"{name}.conf"
                path.write_text(text, encoding="utf-8")
                with self.subTest(name):
                    yield path, reports[name]

    def test_bird_parses_it(self):
        for path, report in self.texts("bird", "bird"):
            done = run("bird", "-p", "-c", path)
            # BIRD wants a protocol, and there is none without a verdict.
            if report["undecided"]:
                self.assertNotEqual(done.returncode, 0)
            else:
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_frr_parses_it(self):
        for path, _ in self.texts("frr", "vtysh"):
            done = run("vtysh", "-C", "-f", path)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_iproute2_makes_the_routes(self):
        script = """
            ip link add pods0 type veth peer name pods1 && ip link set pods1 up &&
                ip addr add 192.0.2.1/24 dev pods0 && ip addr add 2001:db8::1/64 dev pods0 nodad &&
                ip link set pods0 up || exit 77
            ip -batch "$1" && ip -batch "$1" || exit 1
            ip route show proto 98; ip -6 route show proto 98"""
        for path, report in self.texts("iproute2", "ip"):
            done = run("unshare", "--net", "--map-root-user", "sh", "-c", script, "sh", path)
            if done.returncode == 77 or "unshare failed" in done.stderr:
                self.skipTest(f"a network of its own cannot be made here: {done.stderr}")
            self.assertEqual(done.returncode, 0, done.stderr)
            made = [line.split()[:3:2] for line in done.stdout.splitlines()]
            routes = [] if report["undecided"] else report["routes"]
            self.assertEqual(sorted(made), sorted([one["prefix"], one["nextHop"]] for one in routes))


class Avi(unittest.TestCase):
    def test_every_route_is_there(self):
        with Cases() as cases:
            reports = {name: json.loads(text) for name, text in cases.each("json")}
            for name, text in cases.each("avi"):
                with self.subTest(name):
                    read = json.loads(text)
                    if reports[name]["undecided"]:
                        self.assertEqual(read, {"no_verdict": reports[name]["undecided"]})
                        continue
                    held = [(f"{one['prefix']['ip_addr']['addr']}/{one['prefix']['mask']}", one["next_hop"]["addr"])
                            for one in read["static_routes"]]
                    self.assertEqual(held, [(one["prefix"], one["nextHop"]) for one in reports[name]["routes"]])


if __name__ == "__main__":
    unittest.main()
