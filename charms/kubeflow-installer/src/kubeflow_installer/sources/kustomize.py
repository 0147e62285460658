"""kustomize: build the YAML of a release from the archive of its manifests."""

import os
import re
from typing import List

from kubeflow_installer.jobs import child
from kubeflow_installer.sources import archive, exclusions
from labcharm.errors import BlockedError, CharmError, WaitingError
from labcharm.machine import CommandResult, Machine

_ENV = "/usr/bin/env"
_SECONDS = 900.0  # a current machine takes 10 s, and no hook waits for the build
_LONGEST_MESSAGE = 400  # kustomize's messages are long: they repeat directories


def build(machine: Machine, source: str, kustomize: str, excluded: List[str], work: str) -> str:
    """Build an archive, and return the path of the YAML.

    Args:
        machine: Runs kustomize.
        source: The archive.
        kustomize: The program; empty where there is none.
        excluded: The components that are excluded.
        work: A directory to build in.

    Raises:
        BlockedError, WaitingError: When it cannot be built.
    """
    if not kustomize:
        raise BlockedError(
            "an archive of manifests needs kustomize; attach it as the resource"
            " kustomize-ARCHITECTURE, or attach the built YAML"
        )
    directory = archive.unpack(source, os.path.join(work, "source"))
    exclusions.exclude(directory, excluded)
    target, home = os.path.join(work, "built.yaml"), os.path.join(work, "home")
    os.makedirs(home)
    # A home of its own: kustomize looks for plugins there, and git for settings.
    command = [_ENV, f"HOME={home}", f"XDG_CONFIG_HOME={home}", "GIT_TERMINAL_PROMPT=0"]
    command += [kustomize, "build", os.path.join(directory, "example"), "-o", target]
    result = machine.run(child.command_with_parent(command), _SECONDS)
    if result.code != 0:
        raise _error(result)
    return target


def _error(result: CommandResult) -> CharmError:
    lines = [line for line in result.err.splitlines() if not line.startswith("# Warning")]
    output = " ".join(lines) or result.out
    remote = re.search(r"'(https?://[^\s']+)'", output)
    if remote:
        return WaitingError(
            f"kustomize cannot download {remote.group(1)}; for an air-gapped cluster build the"
            " YAML elsewhere (kustomize build example) and attach it as the resource manifests"
        )
    if result.code == 124:
        return WaitingError(f"kustomize did not end within {_SECONDS:.0f} s")
    if len(output) > _LONGEST_MESSAGE:
        output = f"... {output[-_LONGEST_MESSAGE:]}"
    return BlockedError(f"kustomize cannot build the manifests: {output}")
