"""The section about the connection of the programs to the lab."""

from __future__ import annotations

from collections.abc import Iterator

from .. import markdown as md
from ..shell import juju_command
from .deployment import kubeconfig_export, kubeconfig_file
from .lab import RunbookLab


def connection(lab: RunbookLab) -> Iterator[str]:
    """Yield how an administrator who did not deploy the lab gets access to it."""
    yield (
        "The commands below act on the current model of the `juju` client, and on the cluster of"
        " `KUBECONFIG`. Choose those of this lab in each new shell:"
    )
    kubeconfig = [lab.botlab("kubeconfig")] if lab.has_cluster else []
    yield md.shell(juju_command("switch", lab.name), *kubeconfig, kubeconfig_export(lab))
    if not lab.has_cluster:
        yield (
            f"The administrator of the cluster has {md.code(kubeconfig_file(lab))}. Copy it here"
            " first."
        )
    yield (
        "Another administrator needs a user of the controller. The first command prints the"
        " command `juju register ...` for the computer of this user. There, the user runs that"
        " command, and then those above. `juju disable-user` ends the access:"
    )
    yield md.shell(
        juju_command("add-user", "USER"), juju_command("grant", "USER", "admin", lab.name)
    )
