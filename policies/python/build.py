"""Makes a wheel with a policy component in it: build.py COMPONENT [FOLDER]"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main(component, folder="dist"):
    with tempfile.TemporaryDirectory() as work:
        source = Path(work) / "podroute-policy"
        source.mkdir()
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(HERE / name, source)
        shutil.copy(HERE.parents[1] / "LICENSE", source)
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(HERE / "src", source / "src", ignore=ignored)
        shutil.copy(component, source / "src" / "podroute_policy" / "podroute-policy.wasm")
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
        subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", folder, source], check=True)
    print(*sorted(Path(folder).glob("podroute_policy-*.whl")))


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: build.py COMPONENT [FOLDER]  (podroute component --output FILE writes one)")
    main(*sys.argv[1:])
