"""The section about passwords, tokens and certificates."""

from __future__ import annotations

from collections.abc import Iterator

from .. import markdown as md
from ..shell import juju_command
from ..site.defaults import STORED_IN_JUJU
from .commands import SUCCESS
from .deployment import kubeconfig_file
from .lab import RunbookLab


def credentials(lab: RunbookLab) -> Iterator[str]:
    """Yield how to replace each credential of the lab."""
    yield from _dashboard(lab)
    yield from _kubeconfig_of_charms(lab)
    yield from _users(lab)
    yield from _administrator(lab)


def _dashboard(lab: RunbookLab) -> Iterator[str]:
    for name in lab.of_charms("kubeflow-installer"):
        unit = lab.leader(name)
        yield md.heading(3, "Kubeflow's login")
        yield (
            "The first command makes a new password, ends all sessions, and replaces the passwords"
            " of the databases where the release allows it. Their pods restart. The second one"
            " prints the new password:"
        )
        yield md.shell(
            lab.commands.action(unit, "rotate-credentials"),
            lab.commands.action(unit, "get-credentials"),
        )
        yield md.output("...password: ...", "...user: ...")


def _kubeconfig_of_charms(lab: RunbookLab) -> Iterator[str]:
    kubeconfig = lab.site.kubernetes.kubeconfig
    if lab.has_cluster or not kubeconfig:
        return
    yield md.heading(3, "The charms' access to the cluster")
    if not kubeconfig.startswith(STORED_IN_JUJU):
        yield (
            f"Write the new kubeconfig into {md.code(kubeconfig)}. The deployment gives its"
            " content to the charms:"
        )
        yield md.shell(lab.botlab("deploy"))
        return
    yield (
        "Make a new kubeconfig for an administrator of the cluster, and give it to the charms."
        " Their units use it as soon as Juju reports it:"
    )
    yield md.shell(juju_command("update-secret", kubeconfig, "kubeconfig#file=./kubeconfig"))
    yield md.shell(*(lab.commands.action(lab.leader(name), "verify") for name in lab.own))
    yield md.output(SUCCESS)


def _users(lab: RunbookLab) -> Iterator[str]:
    for name in lab.control_planes:
        if not lab.has_action(name, "user-delete"):
            continue
        unit = lab.leader(name)
        yield md.heading(3, "Users of the cluster")
        yield (
            "To replace the token of a user, remove the user and create it again. `USER` is its"
            " name. The result says how to get the new kubeconfig:"
        )
        yield md.shell(
            lab.commands.action(unit, "user-list"),
            lab.commands.action(unit, "user-delete", {"name": "USER"}),
            lab.commands.action(unit, "user-create", {"name": "USER"}),
        )


def _administrator(lab: RunbookLab) -> Iterator[str]:
    yield md.heading(3, "The administrator of Juju")
    yield "Juju asks for the new password:"
    yield md.shell("juju change-user-password")
    if lab.has_cluster:
        file = md.code(kubeconfig_file(lab))
        yield (
            f"Everybody who can read {file} is an administrator of the cluster. Write it again"
            " when the certificates of the cluster have changed:"
        )
        yield md.shell(lab.botlab("kubeconfig"))
