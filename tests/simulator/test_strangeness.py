"""The simulator stays a stranger: it imports nothing of the program, and starts fast."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOM = ROOT / "o365desk" / "simulator"


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            found.add(node.module or "")
    return found


def test_only_the_standard_library_and_the_carriers() -> None:
    for path in ROOM.glob("*.py"):
        for name in imports(path):
            head = name.partition(".")[0]
            if head == "o365desk":
                assert name.startswith("o365desk.simulator"), (path.name, name)
            elif head == "httpx":
                assert path.name == "transport.py"
            elif head == "h11":
                assert path.name == "server.py"
            elif head == "cryptography":
                assert path.name == "identity_tokens.py"
            else:
                assert head in sys.stdlib_module_names, (path.name, name)


def test_importing_it_brings_no_carrier() -> None:
    code = (
        "import sys, o365desk.simulator as s; s.Simulator(s.build_world());"
        "bad = {'httpx', 'h11', 'asyncio', 'email.utils', 'random', 'ssl', 'hashlib',"
        " 'cryptography'} & set(sys.modules);"
        "assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_files_stay_readable() -> None:
    for path in ROOM.glob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 480, path.name
