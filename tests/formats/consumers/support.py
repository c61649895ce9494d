"""Snapshots, and podroute run on them."""

import os
import subprocess
import tempfile
from pathlib import Path

PODROUTE = os.environ["PODROUTE"]
WORK = Path(os.environ["FORMATS_WORK"])
TOP = Path(__file__).resolve().parents[3]

EVIL = r'''
apiVersion: v1
kind: Node
metadata:
  name: "w|1 `x` <img src=x onerror=y> @octocat #12 :tada: \\ 100%,a:b \u0007 ]]> -->\n::error::no\nroute add default via 192.0.2.9"
spec: {podCIDR: 10.0.1.7/24, podCIDRs: [10.0.1.7/24]}
status:
  addresses: [{type: InternalIP, address: 192.0.2.11}]
  conditions: [{type: Ready, status: "True"}]
---
apiVersion: v1
kind: Node
metadata: {name: "=knoten-ö"}
spec: {podCIDR: "fd00:100:0:1::/64", podCIDRs: ["fd00:100:0:1::/64"]}
status:
  addresses: [{type: InternalIP, address: "2001:db8::11"}]
  conditions: [{type: Ready, status: "True"}]
'''

PROFILE = '''
[[suppressions]]
rule = "snapshot/*"
reason = "we know | @all"
'''


def check(arguments, format, folder=TOP, codes=(0, 1)):
    """What is written, as text; the exit code is one of these."""
    command = [PODROUTE, "check", "--format", format, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in codes, (done.returncode, done.stderr)
    return done.stdout


class Cases:
    """The same four everywhere, by name."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name)
        (path / "a b,c:%ö.yaml").write_text(EVIL, encoding="utf-8")
        (path / "profile.toml").write_text(PROFILE, encoding="utf-8")
        (path / "empty.yaml").write_text("kind: List\napiVersion: v1\nitems: []\n", encoding="utf-8")
        evil = ["--cni", "kubernetes", "--cluster-name", "shop", "a b,c:%ö.yaml"]
        self.all = {
            "shop": (TOP, ["tests/snapshots/shop"]),
            "evil": (path, evil),
            "accepted": (path, ["--profile", "profile.toml", *evil]),
            "undecided": (path, ["a b,c:%ö.yaml"]),
            "empty": (path, ["empty.yaml"]),
        }

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def each(self, format):
        for name, (folder, arguments) in self.all.items():
            yield name, check(arguments, format, folder, codes=(0, 1, 3))
