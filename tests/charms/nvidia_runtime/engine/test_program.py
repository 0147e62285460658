"""The copy of the program that systemd runs before it starts an engine."""

from __future__ import annotations

from pathlib import Path

from helpers.fake_machine import FakeMachine
from nvidia_runtime.engine.program import Program

DIRECTORY = "/usr/local/lib/nvidia-runtime"


def make_source(tmp_path: Path) -> str:
    """Write a charm's source with a few modules, and return the directory."""
    for path, text in {
        "src/reconciler/__init__.py": "",
        "src/reconciler/main.py": "main\n",
        "src/reconciler/notes.txt": "not a module",
        "lib/labcharm/__init__.py": "# lib\n",
        "lib/labcharm/errors.py": "errors\n",
        "lib/labcharm/json_types.py": "types\n",
        "lib/labcharm/machine.py": "machine\n",
        "lib/labcharm/documents.py": "documents\n",
        "lib/labcharm/processes.py": "processes\n",
        "lib/labcharm/no_proxy.py": "rules\n",
        "lib/labcharm/proxies.py": "proxies\n",
        "lib/labcharm/urls.py": "urls\n",
        "lib/labcharm/compat.py": "not needed\n",
    }.items():
        file = tmp_path / "charm" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return str(tmp_path / "charm/src")


def files(machine: FakeMachine) -> dict[str, str]:
    """Return the installed files by their paths below the program's directory."""
    root = Path(machine.path(DIRECTORY))
    paths = [path for path in root.rglob("*") if path.is_file()]
    return {path.relative_to(root).as_posix(): path.read_text() for path in paths}


def test_program_is_installed_updated_and_removed(tmp_path: Path) -> None:
    """Only what the program imports is copied, and files of an older version are removed."""
    machine = FakeMachine(tmp_path / "root")
    program = Program(machine, make_source(tmp_path))
    machine.write(f"{DIRECTORY}/old.py", "old")
    machine.write(f"{DIRECTORY}/reconciler/main.py", "old")
    program.install()

    assert files(machine) == {
        "__main__.py": (
            "import sys\n\nfrom reconciler.main import main\n\nsys.exit(main(sys.argv[1:]))\n"
        ),
        "labcharm/__init__.py": "# lib\n",
        "labcharm/errors.py": "errors\n",
        "labcharm/json_types.py": "types\n",
        "labcharm/machine.py": "machine\n",
        "labcharm/documents.py": "documents\n",
        "labcharm/processes.py": "processes\n",
        "labcharm/no_proxy.py": "rules\n",
        "labcharm/proxies.py": "proxies\n",
        "labcharm/urls.py": "urls\n",
        "reconciler/__init__.py": "",
        "reconciler/main.py": "main\n",
    }
    program.remove()
    assert not machine.exists(DIRECTORY)
    assert machine.exists("/usr/local/lib")
