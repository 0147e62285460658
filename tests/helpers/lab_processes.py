"""The commands for a running lab as real processes, with the scripted juju client."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botlab.live.lab import Lab
from helpers.kubeconfigs import kubeconfig_of
from helpers.live_models import EXAMPLES, example_lab, ready_status, with_machine
from helpers.scripted_juju import ScriptedJuju
from helpers.status_documents import status_document

GENERATOR = Path(__file__).parents[2] / "generator"
VERSIONS = {"2.6": "2.6.10", "2.9": "2.9.51", "3.6": "3.6.11", "4.0": "4.0.15"}
# The example that each release of Juju can deploy.
EXAMPLE_OF = {"2.6": "botlab", "2.9": "botlab", "3.6": "modern", "4.0": "modern"}


@dataclass
class LabProcess:
    """A site, and a model of it in which everything is ready.

    Attributes:
        juju: The scripted client.
        site: The site file, below the client's home directory.
        lab: The lab of the example.
        environment: Variables for the process besides those of the client.
    """

    juju: ScriptedJuju
    site: Path
    lab: Lab
    environment: dict[str, str] = field(default_factory=dict[str, str])

    def run(self, command: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Run a command of botlab for the site."""
        return subprocess.run(
            self.arguments(command, *options),
            capture_output=True,
            text=True,
            cwd=self.site.parent,
            env=self.variables(),
            timeout=120,
        )

    def interrupt(self, command: str, *options: str, after: Iterator[object]) -> tuple[int, str]:
        """Run a command, press Ctrl-C when an iterator ends, and return how the command ended."""
        process = subprocess.Popen(
            self.arguments(command, *options),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.site.parent,
            env=self.variables(),
        )
        with process:
            try:
                for _ in after:
                    pass
                process.send_signal(signal.SIGINT)
                output, _ = process.communicate(timeout=60)
            finally:
                process.kill()
        return process.returncode, output

    def arguments(self, command: str, *options: str) -> list[str]:
        """Return the command line of a command for the site."""
        return [sys.executable, "-m", "botlab", command, str(self.site), *options]

    def variables(self) -> dict[str, str]:
        """Return the environment of the process, without proxies."""
        inherited = {key: os.environ[key] for key in ("LANG", "LC_ALL") if key in os.environ}
        variables = {**inherited, **self.juju.environment, "PYTHONPATH": str(GENERATOR)}
        return variables | self.environment

    def give_kubeconfig(self, text: str) -> None:
        """Make the control plane give a kubeconfig, in the way of its charm."""
        if "kubernetes-master" in self.lab.applications:
            self.juju.put_file("kubernetes-master/0", "/home/ubuntu/config", text)
        else:
            self.juju.set_action_result(
                "kubernetes-control-plane", "get-kubeconfig", {"kubeconfig": text}
            )

    def pass_verify(self) -> None:
        """Make the action verify of every charm pass."""
        for application in self.lab.own_applications:
            self.juju.set_action_result(application, "verify", verify_results(works=True))

    def give_access(self, url: str, ca: str) -> None:
        """Make the control plane give a kubeconfig for an API."""
        self.give_kubeconfig(kubeconfig_of(url, ca, token="admins"))  # noqa: S106


def ready_lab(directory: Path, release: str) -> LabProcess:
    """Return a lab that is ready on a controller of a release."""
    name = EXAMPLE_OF[release]
    juju = ScriptedJuju.create(directory, release)
    lab = example_lab(name)
    status = ready_status(lab)
    for machine in status.machines:
        digits = machine.replace("/lxd/", "")
        status = with_machine(status, machine, addresses=(f"192.168.1.1{digits}",))
    juju.load_status(status_document(status, VERSIONS[release]))
    site = juju.home / "site.yaml"
    text = (EXAMPLES / name / "site.yaml").read_text("utf-8")
    site.write_text(text.replace(f'juju: "{lab.juju.value}"', f'juju: "{release}"'), "utf-8")
    return LabProcess(juju, site, lab)


def verify_results(**checks: bool) -> dict[str, str]:
    """Return the results of an action verify with some checks."""
    entries = [
        {"name": name, "ok": is_ok, "message": f"{name} is {is_ok}"}
        for name, is_ok in checks.items()
    ]
    failures = [entry["message"] for entry in entries if not entry["ok"]]
    answer: dict[str, Any] = {"ok": not failures, "checks": entries, "failures": failures}
    return {key: json.dumps(part) for key, part in answer.items()}
