"""The sections about the removal of Kubeflow, and of the whole lab."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .. import markdown as md
from ..plan.secret_grants import secret_grants
from ..shell import command_line, juju_command
from .commands import SUCCESS
from .deployment import kubeconfig_file
from .lab import RunbookLab

# The label that each object of this project's charms has (labkube.apply.owned).
_OWNED = "app.lab-charms/application"
# Kinds that every API server from 1.13 on has, and of which the charms make objects.
_KINDS = (
    "namespaces", "deployments", "daemonsets", "services", "configmaps", "secrets",
    "serviceaccounts", "roles", "rolebindings", "clusterroles", "clusterrolebindings",
    "storageclasses", "customresourcedefinitions", "mutatingwebhookconfigurations",
    "validatingwebhookconfigurations",
)  # fmt: skip
# nfs-server applies these where the API server has them.
_POLICIES = ("validatingadmissionpolicies", "validatingadmissionpolicybindings")
_POLICIES_SINCE = (1, 30)
# The order of the removal: what uses a service goes before the service.
_ORDER = ("kubeflow-installer", "nfs-server", "metallb", "nvidia-runtime")


def kubeflow_removal(lab: RunbookLab) -> Iterator[str]:
    """Yield how to remove Kubeflow; nothing for a lab without it."""
    for name in lab.of_charms("kubeflow-installer"):
        unit = lab.leader(name)
        yield (
            "The action deletes Kubeflow from the cluster, with all notebooks, experiments and"
            " profiles. It keeps the volumes and lists them. It takes some minutes, and the charm"
            " continues when the action has ended:"
        )
        yield md.shell(lab.commands.action(unit, "uninstall"), lab.botlab("status"))
        yield (
            "The status is `uninstalled by action` when nothing is left. To delete the volumes"
            " with their data, too, run this command instead:"
        )
        yield md.shell(lab.commands.action(unit, "uninstall", {"delete-data": "true"}))
        yield (
            "Then Kubeflow can be installed again with the action `install`. To remove it for"
            f" good, delete the section `kubeflow` and `applications.{name}` from"
            f" {md.code(lab.files.site)}, remove the application, and deploy the site. The"
            " deployment resets options that only Kubeflow needs:"
        )
        remove = juju_command("remove-application", name)
        yield md.shell(remove, lab.botlab("deploy"), lab.botlab("diff", "--live"))
        yield md.output("No differences.")
        yield "The volumes that were kept:"
        yield md.shell("kubectl get persistentvolumes")


def removal(lab: RunbookLab) -> Iterator[str]:
    """Yield how to remove everything, in an order that leaves nothing on the cluster."""
    yield (
        "Make a [backup](#back-up) of everything that is still needed. The data of claims are lost"
        " with the machines."
    )
    names = _removal_order(lab)
    if names:
        yield md.heading(3, "Clean the cluster")
        yield from _clean(lab, names)
    yield md.heading(3, "Remove the model")
    yield from _model(lab)


def _removal_order(lab: RunbookLab) -> list[str]:
    return [name for charm in _ORDER for name in lab.of_charms(charm)]


def _clean(lab: RunbookLab, names: list[str]) -> Iterator[str]:
    if lab.has_cluster:
        yield (
            "These steps leave a cluster without anything of this project's charms. If the cluster"
            " goes with its machines, [remove the model](#remove-the-model) at once."
        )
    yield (
        "Run the actions that delete what the charms made on the cluster. Delete your own"
        " workloads with claims before, because pods hang when their storage has gone:"
    )
    for name in names:
        yield from _action(lab, name)
    yield "Remove the applications. Wait until `juju status` does not show them any more:"
    yield md.shell(juju_command("remove-application", *names))
    yield "Nothing with the label of the charms is on the cluster any more:"
    has_policies = bool(lab.kubernetes and lab.kubernetes >= _POLICIES_SINCE)
    yield md.shell(_search((*_KINDS, *(_POLICIES if has_policies else ()))))
    yield md.output("No resources found")
    if lab.kubernetes is None:
        yield "From Kubernetes 1.30 on, the same holds for admission policies:"
        yield md.shell(_search(_POLICIES))
        yield md.output("No resources found")
    if lab.site.nfs_sections or lab.site.kubeflow:
        yield "Volumes that were kept are still listed. Delete those that nobody needs:"
        yield md.shell("kubectl get persistentvolumes")


def _search(kinds: Sequence[str]) -> str:
    """Return the command that lists the objects of some kinds that charms made."""
    words = ("kubectl", "get", ",".join(kinds), "--all-namespaces", "--selector", _OWNED)
    return command_line(*words)


def _action(lab: RunbookLab, name: str) -> Iterator[str]:
    """Yield the action that deletes what an application made, and when it has ended."""
    if not lab.units_of(name):
        return
    if lab.has_action(name, "uninstall"):
        yield md.shell(lab.commands.action(lab.leader(name), "uninstall"), lab.botlab("status"))
        yield f"Wait until the status of {md.code(name)} is `uninstalled by action`. Then:"
    elif lab.has_action(name, "remove-objects"):
        yield md.shell(lab.commands.action(lab.leader(name), "remove-objects"))
        yield md.output(SUCCESS)


def _model(lab: RunbookLab) -> Iterator[str]:
    yield (
        "Destroy the model. Juju asks for confirmation, and MAAS releases the machines. If the"
        " model has storage, Juju asks for `--destroy-storage` or `--release-storage`:"
    )
    yield md.shell(juju_command("destroy-model", lab.name))
    if lab.has_cluster:
        yield "Delete the kubeconfig, which nobody needs any more:"
        yield md.shell(command_line("rm", kubeconfig_file(lab)))
    if secret_grants(lab.bundle, lab.juju):
        yield (
            "The secret with the kubeconfig has gone with the model. Revoke the kubeconfig in the"
            " cluster."
        )
    yield (
        "The backups and the tags in MAAS stay. The controller stays, too: it may have other"
        " models."
    )
