"""What is shipped for CI systems, given to them as far as they can be had."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import cmarkgfm  # noqa: F401  (an import error here names the package that is missing)
from ruamel.yaml import YAML
from support import PODROUTE, TOP

BIN = Path(sys.executable).parent


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


class Schemas(unittest.TestCase):
    def fits(self, schema, path):
        done = run(BIN / "check-jsonschema", "--builtin-schema", schema, path)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_action(self):
        self.fits("vendor.github-actions", TOP / "action.yml")

    def test_the_snippets(self):
        page = (TOP / "docs/ci.md").read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            for block in re.findall(r"```yaml\n(.*?)```", page, re.S):
                path = Path(folder) / "snippet.yaml"
                path.write_text(block)
                if "runs-on:" in block:
                    self.fits("vendor.github-workflows", path)
                elif "artifacts:" in block:
                    self.fits("vendor.gitlab-ci", path)
                else:
                    done = run(BIN / "pre-commit", "validate-config", path)
                    self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Action(unittest.TestCase):
    """The script of the action, with inputs as GitHub hands them over."""

    def act(self, folder, **inputs):
        action = YAML(typ="safe").load((TOP / "action.yml").read_text(encoding="utf-8"))
        step = action["runs"]["steps"][0]
        given = {name: entry.get("default", "") for name, entry in action["inputs"].items()}
        given.update(inputs)
        values = {f"${{{{ inputs.{name} }}}}": value for name, value in given.items()}
        values["${{ github.action_path }}"] = str(TOP)
        environment = {**os.environ, **{name: values[value] for name, value in step["env"].items()}}
        environment.update(GITHUB_OUTPUT=f"{folder}/output", GITHUB_STEP_SUMMARY=f"{folder}/summary", RUNNER_TEMP=folder)
        command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    def test_it_checks_and_says_so(self):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(TOP / "tests/snapshots/shop", f"{folder}/my shop")
            done = self.act(folder, podroute=PODROUTE, paths="my shop\n", sarif="out.sarif",
                            args="--fail-on warning\n--rule sctp/target-port=off")
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("::error file=my shop/configmaps.yaml,line=21,", done.stdout)
            self.assertNotIn("sctp/target-port::", done.stdout)
            self.assertEqual(Path(folder, "output").read_text(), "exit-code=1\n")
            self.assertIn("podroute: 4 errors", Path(folder, "summary").read_text(encoding="utf-8"))
            self.assertIn('"2.1.0"', Path(folder, "out.sarif").read_text(encoding="utf-8"))

    def test_inputs_are_no_code(self):
        with tempfile.TemporaryDirectory() as folder:
            done = self.act(folder, podroute=PODROUTE, paths="$(touch pwned)", args="--fail-on $(touch${IFS}pwned)")
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertFalse(Path(folder, "pwned").exists())


class PreCommit(unittest.TestCase):
    def test_the_manifest(self):
        done = run(BIN / "pre-commit", "validate-manifest", TOP / ".pre-commit-hooks.yaml")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_hook_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            hooks, project = Path(folder, "hooks"), Path(folder, "project")
            (project / "cluster").mkdir(parents=True)
            hooks.mkdir()
            shutil.copy(TOP / ".pre-commit-hooks.yaml", hooks)
            shutil.copytree(TOP / "tests/snapshots/shop", project / "cluster/shop")
            environment = {**os.environ, "PATH": f"{Path(PODROUTE).parent}:{os.environ['PATH']}",
                           "PRE_COMMIT_HOME": f"{folder}/home", "GIT_CONFIG_GLOBAL": "/dev/null"}

            def git(where, *arguments):
                name = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
                done = run("git", "-C", where, *name, *arguments, env=environment)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                return done.stdout.strip()

            git(hooks, "init", "--quiet")
            git(hooks, "add", "--all")
            git(hooks, "commit", "--quiet", "--message", "hooks")
            revision = git(hooks, "rev-parse", "HEAD")
            (project / ".pre-commit-config.yaml").write_text(
                f"repos:\n- repo: {hooks}\n  rev: {revision}\n  hooks:\n"
                "  - id: podroute-check\n    args: [cluster]\n    files: ^cluster/\n")
            git(project, "init", "--quiet")
            git(project, "add", "--all")
            done = run(BIN / "pre-commit", "run", "--all-files", cwd=project, env=environment)
            self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
            self.assertIn("5 errors, 1 warning, 2 info", done.stdout)
            self.assertIn("exit code: 1", done.stdout)


if __name__ == "__main__":
    unittest.main()
