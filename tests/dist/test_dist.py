"""target/dist, read without any of the code that wrote it. Started by ./run,
which says where things are."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import unittest
from datetime import datetime, timezone
from pathlib import Path

DIST = Path(os.environ["PODROUTE_DIST"])
WIT = Path(os.environ["PODROUTE_WIT"])
COMPONENT = (DIST / "podroute-policy.wasm").read_bytes()
MANIFEST = json.loads((DIST / "manifest.json").read_text(encoding="utf-8"))
OCI = DIST / "oci"


def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def embedded():
    """The component that is built into podroute."""
    command = [os.environ["PODROUTE"], "component"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def blob(descriptor):
    algorithm, digits = descriptor["digest"].split(":")
    content = (OCI / "blobs" / algorithm / digits).read_bytes()
    assert digest(content) == descriptor["digest"], descriptor
    assert len(content) == descriptor["size"], descriptor
    return content


class Dist(unittest.TestCase):
    def test_the_component_is_the_one_that_podroute_has_in_it(self):
        self.assertEqual(digest(COMPONENT), digest(embedded()))

    def test_the_manifest_and_the_checksum_are_those_of_the_component(self):
        self.assertEqual(MANIFEST["digest"], digest(COMPONENT))
        self.assertEqual(MANIFEST["size"], len(COMPONENT))
        subprocess.run(
            ["sha256sum", "--check", "--strict", "--quiet", "podroute-policy.wasm.sha256"],
            cwd=DIST,
            check=True,
        )

    def test_the_contract_is_the_one_of_the_sources(self):
        self.assertEqual(
            (DIST / "podroute.wit").read_bytes(), (WIT / "podroute.wit").read_bytes()
        )
        schemas = {path.name: path.read_bytes() for path in (WIT / "schema").iterdir()}
        published = {path.name: path.read_bytes() for path in (DIST / "schema").iterdir()}
        self.assertEqual(published, schemas)

    def test_no_path_of_the_machine_is_in_the_component(self):
        for place in (Path.home(), WIT.parent, os.environ.get("CARGO_HOME")):
            # A home such as `/` says nothing.
            if place and len(str(place)) > 4:
                self.assertNotIn(f"{place}/".encode(), COMPONENT)
        self.assertNotIn(b".cargo", COMPONENT)
        self.assertNotIn(b"registry/src", COMPONENT)


class Oci(unittest.TestCase):
    """The image layout of OCI, and in it the CNCF's Wasm OCI artifact layout."""

    def setUp(self):
        self.index = json.loads((OCI / "index.json").read_text(encoding="utf-8"))
        (self.descriptor,) = self.index["manifests"]
        self.manifest = json.loads(blob(self.descriptor))
        self.config = json.loads(blob(self.manifest["config"]))

    def test_the_layout_leads_to_the_manifest(self):
        layout = json.loads((OCI / "oci-layout").read_text(encoding="utf-8"))
        self.assertEqual(layout, {"imageLayoutVersion": "1.0.0"})
        self.assertEqual(self.index["schemaVersion"], 2)
        self.assertEqual(
            self.index["mediaType"], "application/vnd.oci.image.index.v1+json"
        )
        self.assertEqual(
            self.descriptor["mediaType"], "application/vnd.oci.image.manifest.v1+json"
        )
        self.assertEqual(self.descriptor["digest"], MANIFEST["ociDigest"])
        self.assertEqual(
            self.descriptor["annotations"],
            {"org.opencontainers.image.ref.name": MANIFEST["version"]},
        )

    def test_the_manifest_has_one_layer_which_is_the_component(self):
        self.assertEqual(self.manifest["schemaVersion"], 2)
        self.assertEqual(self.manifest["mediaType"], self.descriptor["mediaType"])
        self.assertEqual(
            self.manifest["config"]["mediaType"], "application/vnd.wasm.config.v0+json"
        )
        (layer,) = self.manifest["layers"]
        self.assertEqual(layer["mediaType"], "application/wasm")
        self.assertEqual(blob(layer), COMPONENT)

    def test_the_configuration_says_what_the_component_has_in_it(self):
        interfaces = ("types", "evaluator", "json", "catalogue", "picture")
        seconds = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
        created = datetime.fromtimestamp(seconds, timezone.utc)
        self.assertEqual(
            self.config,
            {
                "created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "architecture": "wasm",
                "os": "wasip2",
                "layerDigests": [digest(COMPONENT)],
                "component": {
                    "exports": [f"podroute:policy/{name}@0.1.0" for name in interfaces],
                    "imports": [],
                    "target": "podroute:policy/policy@0.1.0",
                },
            },
        )

    def test_there_are_no_other_blobs(self):
        named = [self.descriptor, self.manifest["config"], *self.manifest["layers"]]
        self.assertEqual(
            {f"sha256:{path.name}" for path in (OCI / "blobs/sha256").iterdir()},
            {descriptor["digest"] for descriptor in named},
        )

    @unittest.skipUnless(shutil.which("skopeo"), "skopeo is not there")
    def test_skopeo_copies_it_bit_by_bit(self):
        with tempfile.TemporaryDirectory() as copy:
            subprocess.run(
                ["skopeo", "copy", "--quiet", f"oci:{OCI}:{MANIFEST['version']}", f"dir:{copy}"],
                check=True,
            )
            manifest = (Path(copy) / "manifest.json").read_bytes()
            self.assertEqual(digest(manifest), MANIFEST["ociDigest"])
            name = MANIFEST["digest"].removeprefix("sha256:")
            self.assertEqual((Path(copy) / name).read_bytes(), COMPONENT)


if __name__ == "__main__":
    unittest.main(verbosity=2)
