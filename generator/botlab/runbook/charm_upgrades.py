"""The section about upgrades of the charms."""

from __future__ import annotations

from collections.abc import Iterator

from .. import markdown as md
from ..catalogue.profiles import OWN_CHARMS
from ..juju import Juju
from ..shell import juju_command
from .commands import SUCCESS
from .deployment import packing
from .lab import RunbookLab

# The order of Charmed Kubernetes (its page "Upgrading"): the infrastructure first, then the load
# balancer, the control plane and the workers. Charms of the site that are not named follow.
_ORDER = (
    "easyrsa", "etcd", "containerd", "calico", "flannel", "cilium", "kube-ovn",
    "kubeapi-load-balancer", "kubernetes-master", "kubernetes-control-plane", "k8s",
    "kubernetes-worker", "k8s-worker",
)  # fmt: skip


def upgrade_order(lab: RunbookLab) -> list[str]:
    """Return the applications in the order of their upgrades, this project's last."""

    def rank(name: str) -> int:
        charm = lab.facts.charm_name(name)
        if charm in _ORDER:
            return _ORDER.index(charm)
        return len(_ORDER) + (1 + OWN_CHARMS.index(charm) if charm in OWN_CHARMS else 0)

    return sorted(lab.applications, key=rank)


def charm_upgrades(lab: RunbookLab) -> Iterator[str]:
    """Yield how to upgrade the charm of each application."""
    yield (
        "Make a backup first. Upgrade the charms in this order, and after each command wait until"
        " the application is ready again:"
    )
    yield md.shell(lab.botlab("wait"))
    yield from _of_charmhub(lab)
    yield from _of_the_site(lab)
    yield from _own(lab)
    yield from _release_of_kubeflow(lab)
    yield md.heading(3, "After the upgrades")
    yield "In the end, the model must be what the site file says:"
    yield md.shell(lab.botlab("diff", "--live"))
    yield md.output("No differences.")


def _of_charmhub(lab: RunbookLab) -> Iterator[str]:
    names = [name for name in upgrade_order(lab) if _follows_channel(lab, name)]
    if not names:
        return
    yield md.heading(3, "Charms from Charmhub")
    yield "Each command takes the newest revision of the channel that the site has:"
    yield md.shell(
        *(
            command
            for name in names
            for command in checked_refresh(lab, name, lab.applications[name].channel)
        )
    )


def checked_refresh(lab: RunbookLab, name: str, channel: str) -> list[str]:
    """Return the commands that upgrade a charm, after the check that some charms ask for.

    Without its action ``pre-upgrade-check``, the charm k8s is blocked after the upgrade
    (canonical/k8s-operator, src/upgrade.py).
    """
    check = "pre-upgrade-check"
    checks = [lab.commands.action(lab.leader(name), check)] if lab.has_action(name, check) else []
    return [*checks, channel_refresh(lab, name, channel)]


def _follows_channel(lab: RunbookLab, name: str) -> bool:
    application = lab.applications[name]
    is_pinned = application.revision is not None or application.charm.startswith("cs:")
    return not lab.is_local(name) and not is_pinned


def channel_refresh(lab: RunbookLab, name: str, channel: str) -> str:
    """Return the command that upgrades a charm to the newest revision of a channel.

    Args:
        lab: The lab.
        name: The application.
        channel: The channel; empty for the one that the model has.
    """
    options = ("--channel", channel) if channel else ()
    return lab.commands.refresh(name, *options)


def _of_the_site(lab: RunbookLab) -> Iterator[str]:
    """Yield about charms whose revision the site decides: pinned ones and files."""
    names = [name for name in upgrade_order(lab) if name not in lab.own]
    pinned = [name for name in names if not lab.is_local(name) and not _follows_channel(lab, name)]
    files = [name for name in names if lab.is_local(name)]
    if not pinned and not files:
        return
    yield md.heading(3, "Charms with a revision or a file of the site")
    if pinned:
        yield (
            f"The site pins the revisions of {md.codes(pinned)}. Write the new revision into the"
            " site file (`applications.NAME.charm`, or the file of `charms.revisions`), and deploy"
            " the site:"
        )
        yield md.shell(lab.botlab("validate"), lab.botlab("deploy"))
    if files:
        yield "Put the new files in the place of the old ones, and run:"
        yield md.shell(*(_from_file(lab, name) for name in files))


def _from_file(lab: RunbookLab, name: str) -> str:
    return lab.commands.refresh(name, "--path", lab.applications[name].charm)


def _own(lab: RunbookLab) -> Iterator[str]:
    names = [name for name in upgrade_order(lab) if name in lab.own and lab.is_local(name)]
    if names:
        yield md.heading(3, "This project's charms")
        yield "Write the charms of the new release of botlab, and upgrade each application:"
        yield md.shell(*packing(lab), *(_from_file(lab, name) for name in names))
        yield from _note_of_juju_4(lab, names)
    placed = [name for name in lab.own if lab.units_of(name)]
    if placed:
        yield "Check that this project's charms work:"
        commands = (lab.commands.action(lab.leader(name), "verify") for name in placed)
        yield md.shell(*commands)
        yield md.output(SUCCESS)


def _release_of_kubeflow(lab: RunbookLab) -> Iterator[str]:
    """Yield how to upgrade Kubeflow itself, which an upgrade of its charm does not change."""
    for name in lab.of_charms("kubeflow-installer"):
        unit, release = lab.leader(name), {"version": "RELEASE"}
        yield md.heading(3, "Kubeflow itself")
        yield (
            "The upgrade of a charm does not upgrade Kubeflow. The first command shows what would"
            " change, and the second one does it. Write the release into the site file"
            " (`kubeflow.version`), too:"
        )
        yield md.shell(
            lab.commands.action(unit, "upgrade", release),
            lab.commands.action(unit, "upgrade", {**release, "apply": "true"}),
            juju_command("config", name, "version=RELEASE"),
        )


def _note_of_juju_4(lab: RunbookLab, names: list[str]) -> Iterator[str]:
    if lab.juju < Juju.V4_0:
        return
    yield (
        "If Juju 4.0 refuses a refresh with `one or more of the provided endpoints ... do not"
        " exist`, remove the application and deploy the site again. What the charm made on the"
        f" cluster stays if you first remove the relations of {md.codes(names)} that begin with"
        " `kube-control`."
    )


def attach_commands(lab: RunbookLab, name: str) -> list[str]:
    """Return the commands that attach the files of an application's resources."""
    resources = lab.applications[name].resources.items()
    files = [(key, path) for key, path in resources if isinstance(path, str)]
    return [juju_command("attach-resource", name, f"{key}={path}") for key, path in files]
