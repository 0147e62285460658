"""Build the wheel, install it without the checkout, and run the main commands.

This shows that the wheel holds the templates and the charms' facts, and that nothing else of the
checkout is needed. ``tox -e wheel`` runs it in an environment with the locked build backend.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHARMS = ("nvidia-runtime", "metallb", "nfs-server", "kubeflow-installer")
PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")


def run(*argv: str, cwd: Path) -> str:
    """Run a command and return its output. A failure ends this program."""
    environment = {key: text for key, text in os.environ.items() if key != "PYTHONPATH"}
    process = subprocess.run(argv, cwd=cwd, env=environment, text=True, capture_output=True)
    if process.returncode:
        command = " ".join(argv)
        output = f"{process.stdout}{process.stderr}"
        sys.exit(f"{command} exited with {process.returncode}\n{output}")
    return process.stdout


def install_wheel(directory: Path) -> Path:
    """Build the wheel in a directory, install it, and return its path."""
    for old_wheel in directory.glob("*.whl"):
        old_wheel.unlink()
    options = ("--no-deps", "--no-build-isolation", "-w", str(directory))
    run(*PIP, "wheel", *options, str(ROOT), cwd=ROOT)
    (wheel,) = directory.glob("botlab-*.whl")
    run(*PIP, "install", "--no-deps", "--force-reinstall", str(wheel), cwd=directory)
    return wheel


def main(directory: Path) -> None:
    """Build and install the wheel, and run the commands in a directory."""
    wheel = install_wheel(directory)
    command = str(Path(sys.executable).with_name("botlab"))
    site, bundle = directory / "lab.yaml", directory / "bundle.yaml"
    for old_file in (site, bundle):
        old_file.unlink(missing_ok=True)
    run(command, "init", "lab", "--juju", "2.9", "-o", str(site), cwd=directory)
    run(command, "render", str(site), "-o", str(bundle), cwd=directory)
    plan = run(command, "plan", str(site), cwd=directory)
    for name in CHARMS:
        if f"deploy application {name}" not in plan:
            sys.exit(f"the wheel lacks charms: {name} is not in its plan:\n{plan}")
    written = run(
        command, "render", str(ROOT / "examples/modern-store/site.yaml"), "--format", "terraform",
        "-o", "-", cwd=directory,
    )  # fmt: skip
    if 'resource "juju_application" "metallb"' not in written:
        sys.exit(f"the wheel does not write Terraform plans:\n{written}")
    listed = run(
        command, "kit", "list", str(ROOT / "examples/air-gapped/site.yaml"), cwd=directory
    )
    if "nvidia/k8s-device-plugin" not in listed or "kubelet of kubernetes-worker" not in listed:
        sys.exit(f"the wheel does not list what a lab needs without internet:\n{listed}")
    page = run(command, "picture", str(site), "--format", "html", "-o", "-", cwd=directory)
    if "addEventListener" not in page or ".part" not in page:
        sys.exit("the wheel lacks the script or the style sheet of pictures")
    example = ROOT / "examples/modern"
    runbook = run(command, "runbook", str(example / "site.yaml"), "-o", "-", cwd=directory)
    if runbook != (example / "RUNBOOK.md").read_text(encoding="utf-8"):
        sys.exit("the wheel writes another runbook; it may lack the actions of the charms")
    if "## What to do" not in run(command, "explain", "BL031", cwd=directory):
        sys.exit("the wheel does not carry the pages of the rules")
    print(f"{wheel.name}: the commands without a controller ran from the installed wheel")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
