"""Build the wheel, install it alone, and run the main job from an empty folder.

What this shows: the templates and charm facts travel inside the wheel, and nothing of the
checkout is needed. Run by ``tox -e wheel``, whose environment holds the locked build backend.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(*argv: str, cwd: Path) -> str:
    """Run a command and return what it printed; a failure ends this program."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(argv, cwd=cwd, env=environment, text=True, capture_output=True)
    if done.returncode:
        sys.exit(f"{' '.join(argv)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def main(folder: Path) -> None:
    """Build into ``folder`` and run from there."""
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    for old in folder.glob("*.whl"):
        old.unlink()
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), str(ROOT), cwd=ROOT)
    (wheel,) = folder.glob("botlab-*.whl")
    run(*pip, "install", "--no-deps", "--force-reinstall", str(wheel), cwd=folder)
    command = str(Path(sys.executable).with_name("botlab"))
    site, bundle = folder / "lab.yaml", folder / "bundle.yaml"
    for old in (site, bundle):
        old.unlink(missing_ok=True)
    run(command, "init", "lab", "--juju", "2.9", "-o", str(site), cwd=folder)
    run(command, "render", str(site), "-o", str(bundle), cwd=folder)
    plan = run(command, "plan", str(site), cwd=folder)
    for name in ("nvidia-runtime", "metallb", "nfs-server", "kubeflow-installer"):
        if f"deploy application {name}" not in plan:
            sys.exit(f"the wheel does not carry the charms: no {name} in its plan:\n{plan}")
    print(f"{wheel.name}: init, render and plan ran from the installed wheel")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
