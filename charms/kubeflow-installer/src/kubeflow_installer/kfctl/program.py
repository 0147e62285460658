"""The program kfctl: its directory, its environment, and the steps that each release needs.

Facts from kubeflow/kubeflow v0.6.2 (bootstrap/) and kubeflow/kfctl v1.0.2: `init` refuses a
directory that holds an app.yaml; `apply` of 1.0 skips what is generated already, even when half of
it is missing; user, password and endpoints of 0.6 come from the environment.
"""

import json
import os
import secrets
import shutil
from typing import Dict, List, NamedTuple

from kubeflow_installer.kfctl import kfdef as kfdef_module
from labcharm.json_types import JsonObject

_NAME = "kubeflow-installer"
_LONGEST_MESSAGE = 400


class Step(NamedTuple):
    """A call of kfctl.

    Attributes:
        name: Its name.
        directory: Where it runs.
        args: The arguments after the program's name.
        may_repeat: Whether it may be retried, since the pods that it needs may still be starting.
    """

    name: str
    directory: str
    args: List[str]
    may_repeat: bool


class Kfctl:
    """A release's kfctl in a directory of its own.

    Args:
        release: The release's name.
        work: The directory; all that kfctl writes is below it.
        kfdef: The KfDef's text.
        api_url: The URL that kfctl takes for the API server.
    """

    def __init__(self, release: str, work: str, kfdef: str, api_url: str) -> None:
        self._has_three_steps = kfdef_module.has_three_steps(release)
        self._work, self._kfdef, self._api_url = work, kfdef, api_url
        self._app = os.path.join(work, kfdef_module.NAME)
        self._home = os.path.join(work, "home")

    def steps(self) -> List[Step]:
        """Return the steps in their order."""
        if not self._has_three_steps:
            path = os.path.join(self._app, "kfdef.yaml")
            return [Step("apply", self._app, ["apply", "-V", "-f", path], True)]
        path = os.path.join(self._work, "kfdef.yaml")
        init = ["init", kfdef_module.NAME, f"--config={path}", "-V"]
        return [
            Step("init", self._work, init, False),
            Step("generate", self._app, ["generate", "all", "-V"], False),
            Step("apply", self._app, ["apply", "all", "-V"], True),
        ]

    def prepare(self, step: Step) -> None:
        """Prepare the directory for a step; remove what an earlier try left incomplete."""
        if step.name == "apply" and self._has_three_steps:
            return
        if step.name in ("init", "apply"):
            shutil.rmtree(self._app, ignore_errors=True)
            os.makedirs(step.directory, mode=0o700, exist_ok=True)
            _write_private(os.path.join(step.directory, "kfdef.yaml"), self._kfdef)

    def environment(self, user: str, hostname: str) -> Dict[str, str]:
        """Return kfctl's complete environment; with it, kfctl reaches only this machine.

        Args:
            user: The first user.
            hostname: The name that people use; empty where they use the gateway's address, for
                which 0.6 then waits.
        """
        os.makedirs(self._home, mode=0o700, exist_ok=True)
        kubeconfig = os.path.join(self._home, "kubeconfig")
        _write_private(kubeconfig, json.dumps(self._kubeconfig()))
        environment = {
            "PATH": "/usr/bin:/bin",
            "LC_ALL": "C",
            "HOME": self._home,
            "TMPDIR": self._home,
            "KUBECONFIG": kubeconfig,
            "NO_PROXY": "*",
            "no_proxy": "*",
            # 0.6 makes no user without a password. The charm replaces the hash of this password.
            "KUBEFLOW_USER_EMAIL": user,
            "KUBEFLOW_PASSWORD": secrets.token_urlsafe(18),
        }
        if hostname:
            environment["KUBEFLOW_ENDPOINT"] = f"https://{hostname}"
            environment["OIDC_ENDPOINT"] = f"https://{hostname}:5556/dex"
        return environment

    def _kubeconfig(self) -> JsonObject:
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": _NAME, "cluster": {"server": self._api_url}}],
            "users": [{"name": _NAME, "user": {}}],
            "contexts": [{"name": _NAME, "context": {"cluster": _NAME, "user": _NAME}}],
            "current-context": _NAME,
        }


def failure_reason(lines: List[str]) -> str:
    """Return the line that names kfctl's failure; kfctl may print its usage after that line."""
    errors = [line for line in lines if line.startswith("Error: ")]
    errors = errors or [line for line in lines if "level=error" in line or "level=fatal" in line]
    return (errors or lines or ["kfctl printed nothing"])[-1][:_LONGEST_MESSAGE]


def _write_private(path: str, text: str) -> None:
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
