"""The section about an upgrade of Kubernetes."""

from __future__ import annotations

from collections.abc import Iterator

from .. import markdown as md
from ..catalogue.kubernetes import version_text
from ..shell import juju_command
from .charm_upgrades import attach_commands, channel_refresh, checked_refresh, upgrade_order
from .lab import RunbookLab, unit_name
from .replacement import drain


def kubernetes_upgrade(lab: RunbookLab) -> Iterator[str]:
    """Yield how to upgrade Kubernetes; nothing for a cluster that Juju does not manage."""
    if not lab.has_cluster or lab.kubernetes is None:
        return
    channel = next_channel(lab)
    yield from _introduction(lab, channel)
    is_k8s = any(lab.has_action(name, "pre-upgrade-check") for name in lab.control_planes)
    yield from _of_k8s(lab, channel) if is_k8s else _of_snaps(lab, channel)
    yield from _end(lab, channel)


def next_channel(lab: RunbookLab) -> str:
    """Return the channel of the next minor release. Kubernetes allows no larger step."""
    major, minor = lab.kubernetes or (1, 0)
    return f"{version_text((major, minor + 1))}/stable"


def _introduction(lab: RunbookLab, channel: str) -> Iterator[str]:
    release = version_text(lab.kubernetes or (1, 0))
    yield (
        f"The lab has Kubernetes {release}. Upgrade one minor release after the other. Here, the"
        f" next one is {md.code(channel)}. {_patch_releases(lab)}"
    )
    profile = lab.facts.profile
    if profile and channel.partition("/")[0] not in profile.releases:
        known = md.codes(profile.releases)
        yield (
            f"This release of botlab knows the releases {known}. Upgrade botlab before the"
            " cluster, and write this runbook again."
        )
    yield (
        "Read the notes of that release about interfaces that Kubernetes removes. Check that your"
        " Kubeflow and MetalLB fit it: write the channel as `kubernetes.channel` into"
        f" {md.code(lab.files.site)}, and run:"
    )
    yield md.shell(lab.botlab("validate"))
    yield "Then make a [backup](#back-up), and check that the lab is healthy:"
    yield md.shell(lab.botlab("verify"))
    yield md.output("... checks, 0 failed")


def _patch_releases(lab: RunbookLab) -> str:
    cluster = [*lab.control_planes, *lab.workers]
    if any(attach_commands(lab, name) for name in cluster):
        return (
            "The snaps are files of the site: put those of the new release in their place first."
            " The commands below also install another patch release."
        )
    return "Patch releases come by themselves, because the snaps follow their channel."


def _of_snaps(lab: RunbookLab, channel: str) -> Iterator[str]:
    names = [name for name in upgrade_order(lab) if name not in lab.own]
    cluster = [*lab.control_planes, *lab.workers]
    before = [name for name in names if name not in cluster and _moves(lab, name)]
    if before:
        yield "Upgrade the charms beside the cluster's own:"
        yield md.shell(*(channel_refresh(lab, name, channel) for name in before))
    yield (
        "Upgrade the control plane. When its option `channel` has changed, its units are blocked"
        " until the action `upgrade` has run on each of them. Wait after each unit until it is"
        " active:"
    )
    for name in lab.control_planes:
        yield md.shell(*_snap_upgrade(lab, name, channel))
    yield "Upgrade the workers, one after the other. Move the pods to other nodes before:"
    for name in lab.workers:
        yield from _worker(lab, name, channel)


def _moves(lab: RunbookLab, name: str) -> bool:
    """Return whether the charm of an application has a channel of the Kubernetes release."""
    application = lab.applications[name]
    release = version_text(lab.kubernetes or (1, 0))
    return not lab.is_local(name) and application.channel.partition("/")[0] == release


def _preparation(lab: RunbookLab, name: str, channel: str) -> list[str]:
    """Return the commands before the action: charm, files of resources, and channel."""
    refresh = [channel_refresh(lab, name, channel)] if _moves(lab, name) else []
    setting = juju_command("config", name, f"channel={channel}")
    return [*refresh, *attach_commands(lab, name), setting]


def _snap_upgrade(lab: RunbookLab, name: str, channel: str) -> list[str]:
    units = map(unit_name, lab.units_of(name))
    actions = [lab.commands.action(unit, "upgrade") for unit in units]
    return [*_preparation(lab, name, channel), *actions]


def _worker(lab: RunbookLab, name: str, channel: str) -> Iterator[str]:
    yield md.shell(*_preparation(lab, name, channel))
    units = [unit_name(unit) for unit in lab.units_of(name)]
    first = lab.commands.action(units[0], "upgrade")
    yield md.shell(drain(lab), first, "kubectl uncordon NODE")
    if len(units) > 1:
        yield f"Do the same for {md.codes(units[1:])}."


def _of_k8s(lab: RunbookLab, channel: str) -> Iterator[str]:
    yield (
        "The charms upgrade one unit after the other by themselves. The control plane comes first."
        " Wait until it is ready before you begin with the workers:"
    )
    for name in dict.fromkeys((*lab.control_planes, *lab.workers)):
        if lab.has_action(name, "pre-upgrade-check"):
            yield md.shell(*checked_refresh(lab, name, channel), lab.botlab("wait"))


def _end(lab: RunbookLab, channel: str) -> Iterator[str]:
    yield (
        "Check the versions of the nodes. The status of the charms alone does not show that a node"
        " has the new release:"
    )
    yield md.shell("kubectl get nodes", lab.botlab("verify"))
    yield md.output("... checks, 0 failed")
    yield f"With {md.code(channel)} in the site file, nothing differs from the model now:"
    yield md.shell(lab.botlab("diff", "--live"))
    yield md.output("No differences.")
