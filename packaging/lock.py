"""Makes the lock files from pyproject.toml: the program's, the tests', PyInstaller's; `make lock`.

All cover every supported Python and system through markers, pin each package with its hashes
and name no package index: where packages come from is the business of who installs them. The
build backend is locked too, because the project itself is installed without build isolation.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def compile_lock(name: str, *options: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    command = [
        *(sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "-", "--quiet"),
        *("--universal", "--python-version", "3.11", "--generate-hashes"),
        *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
        *("--output-file", name, *options),
    ]
    backend = "\n".join(project["build-system"]["requires"])
    subprocess.run(command, cwd=ROOT, input=backend, text=True, check=True)
    print(f"{name} made")


if __name__ == "__main__":
    compile_lock("requirements.lock", *sys.argv[1:])
    constraints = ["--constraint", "requirements.lock"]
    for extra in ("test", "package"):
        lock = f"requirements-{extra}.lock"
        compile_lock(lock, "--extra", extra, *constraints, *sys.argv[1:])
        constraints += ["--constraint", lock]
