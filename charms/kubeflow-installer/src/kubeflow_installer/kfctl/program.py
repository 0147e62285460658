"""kfctl itself: its folder, its environment, and the steps that each release wants.

Facts from kubeflow/kubeflow v0.6.2 (bootstrap/) and kubeflow/kfctl v1.0.2: `init` refuses a folder
that holds an app.yaml; `apply` of 1.0 leaves out what it finds generated, though it be half of it;
user, password and endpoints of 0.6 come from the environment.
"""

import json
import os
import secrets
import shutil
from typing import Dict, List, Mapping, NamedTuple

from kubeflow_installer.kfctl import kfdef as kfdef_module

# Args follow the program's name; `again`: it may be run again while what it needs comes up.
Step = NamedTuple("Step", [("name", str), ("folder", str), ("args", List[str]), ("again", bool)])
_NAME = "kubeflow-installer"
_MOST = 400


class Kfctl:
    """One release's kfctl in a folder of its own.

    Args:
        release: The release's name.
        work: The folder; all that kfctl writes is below it.
        kfdef: The KfDef's text.
        api: The URL that kfctl takes for the API server.
    """

    def __init__(self, release: str, work: str, kfdef: str, api: str) -> None:
        self._steps = kfdef_module.in_steps(release)
        self._work, self._kfdef, self._api = work, kfdef, api
        self._app = os.path.join(work, kfdef_module.NAME)
        self._home = os.path.join(work, "home")

    def steps(self) -> List[Step]:
        """Return the steps in their order."""
        if not self._steps:
            path = os.path.join(self._app, "kfdef.yaml")
            return [Step("apply", self._app, ["apply", "-V", "-f", path], True)]
        path = os.path.join(self._work, "kfdef.yaml")
        init = ["init", kfdef_module.NAME, "--config=" + path, "-V"]
        return [
            Step("init", self._work, init, False),
            Step("generate", self._app, ["generate", "all", "-V"], False),
            Step("apply", self._app, ["apply", "all", "-V"], True),
        ]

    def prepare(self, step: Step) -> None:
        """Make the folder as a step wants it; what another try of it left half done goes."""
        if step.name == "apply" and self._steps:
            return
        if step.name in ("init", "apply"):
            shutil.rmtree(self._app, ignore_errors=True)
            os.makedirs(step.folder, mode=0o700, exist_ok=True)
            _write(os.path.join(step.folder, "kfdef.yaml"), self._kfdef)

    def environment(self, user: str, hostname: str) -> Dict[str, str]:
        """Return all of kfctl's environment: nothing of it leads off this machine.

        Args:
            user: The first user.
            hostname: The name that people use; empty where they use the gateway's address, which
                0.6 then waits for.
        """
        os.makedirs(self._home, mode=0o700, exist_ok=True)
        kubeconfig = os.path.join(self._home, "kubeconfig")
        _write(kubeconfig, json.dumps(self._kubeconfig()))
        found = {
            "PATH": "/usr/bin:/bin",
            "LC_ALL": "C",
            "HOME": self._home,
            "TMPDIR": self._home,
            "KUBECONFIG": kubeconfig,
            "NO_PROXY": "*",
            "no_proxy": "*",
            # 0.6 makes no user without a password; ours, by its hash, takes the place of this one.
            "KUBEFLOW_USER_EMAIL": user,
            "KUBEFLOW_PASSWORD": secrets.token_urlsafe(18),
        }
        if hostname:
            found["KUBEFLOW_ENDPOINT"] = "https://" + hostname
            found["OIDC_ENDPOINT"] = "https://%s:5556/dex" % hostname
        return found

    def _kubeconfig(self) -> Mapping[str, object]:
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": _NAME, "cluster": {"server": self._api}}],
            "users": [{"name": _NAME, "user": {}}],
            "contexts": [{"name": _NAME, "context": {"cluster": _NAME, "user": _NAME}}],
            "current-context": _NAME,
        }


def why(words: List[str]) -> str:
    """Return the line with which kfctl says why it failed; it may print its usage after it."""
    telling = [line for line in words if line.startswith("Error: ")]
    telling = telling or [line for line in words if "level=error" in line or "level=fatal" in line]
    return (telling or words or ["kfctl said nothing"])[-1][:_MOST]


def _write(path: str, text: str) -> None:
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
