"""kustomize itself: builds the YAML of a release out of the archive of its manifests."""

import os
import re
import sys
from typing import List

from kubeflow_installer.errors import ManifestsError
from kubeflow_installer.jobs import child
from kubeflow_installer.sources import archive, exclusions
from labcharm.machine import Machine, Result

_ENV = "/usr/bin/env"
_SECONDS = 900.0  # 10 s on a machine of today; no hook waits for it
_WORDS = 400  # of kustomize's, which repeats every folder on its way


def build(machine: Machine, source: str, kustomize: str, left_out: List[str], work: str) -> str:
    """Build an archive; return the path of the YAML.

    Args:
        machine: Runs kustomize.
        source: The archive.
        kustomize: The program; empty where there is none.
        left_out: The components that are left out.
        work: A folder to build in.

    Raises:
        ManifestsError: When it cannot be built.
    """
    if not kustomize:
        told = "kustomize is needed for an archive of manifests; attach it as the resource"
        raise ManifestsError(told + " kustomize-ARCHITECTURE, or attach the YAML that was built")
    try:
        folder = archive.unpack(source, os.path.join(work, "source"))
    except archive.ArchiveError as error:
        raise ManifestsError(str(error)) from None
    exclusions.leave_out(folder, left_out)
    target, home = os.path.join(work, "built.yaml"), os.path.join(work, "home")
    os.makedirs(home)
    # A home of its own: kustomize looks for plugins there, and git for settings.
    command = [_ENV, "HOME=" + home, "XDG_CONFIG_HOME=" + home, "GIT_TERMINAL_PROMPT=0"]
    command += [kustomize, "build", os.path.join(folder, "example"), "-o", target]
    # It goes with us, in whatever way we end.
    shell = [sys.executable, "-I", os.path.abspath(child.__file__), str(os.getpid())]
    result = machine.run(shell + command, _SECONDS)
    if result.code != 0:
        raise _failed(result)
    return target


def _failed(result: Result) -> ManifestsError:
    lines = [line for line in result.err.splitlines() if not line.startswith("# Warning")]
    text = " ".join(lines) or result.out
    remote = re.search(r"'(https?://[^\s']+)'", text)
    if remote:
        told = (
            "kustomize cannot fetch %s, which this release needs while it is built; for machines"
        )
        told += " without a way out, build it elsewhere (kustomize build example > manifests.yaml)"
        told += " and attach that YAML as the resource manifests"
        return ManifestsError(told % remote.group(1), passes=True)
    if result.code == 124:
        return ManifestsError("kustomize had no end after %.0f s" % _SECONDS, passes=True)
    last = text if len(text) <= _WORDS else "... " + text[-_WORDS:]
    return ManifestsError("kustomize cannot build the manifests: " + last)
