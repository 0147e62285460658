"""The whole runbook: introduction, contents and sections."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from .. import markdown as md
from ..catalogue.kubernetes import version_text
from .backup import backup, restore
from .charm_upgrades import charm_upgrades
from .connection import connection
from .credentials import credentials
from .deployment import deployment
from .kubernetes_upgrade import kubernetes_upgrade
from .lab import RunbookLab
from .new_machine import new_machine
from .overview import addresses, applications, machines
from .pools import pools
from .removal import kubeflow_removal, removal
from .replacement import replacement

_CONNECTION = "Connect to the lab"
_Section = Callable[[RunbookLab], Iterator[str]]
_SECTIONS: dict[str, _Section] = {
    "Machines": machines,
    "Applications": applications,
    "Addresses": addresses,
    "Deploy": deployment,
    _CONNECTION: connection,
    "Add a machine with GPUs": new_machine,
    "Replace a machine": replacement,
    "Change the address pools": pools,
    "Replace credentials": credentials,
    "Back up": backup,
    "Restore": restore,
    "Upgrade the charms": charm_upgrades,
    "Upgrade Kubernetes": kubernetes_upgrade,
    "Remove Kubeflow": kubeflow_removal,
    "Remove everything": removal,
}
# Words that a reader replaces in commands.
PLACEHOLDERS = {
    "BACKUP": "the file that the action `backup` wrote",
    "MAAS": "your profile of the `maas` command (`maas list` shows it)",
    "NODE": "the node of a machine, as `kubectl get nodes` shows it",
    "RELEASE": "a later release of Kubeflow",
    "SNAPSHOT": "the file that the action `snapshot` wrote",
    "USER": "the name of a user",
}
_BLOCK = re.compile(r"^(`{3,})sh\n(.*?)^\1$", re.MULTILINE | re.DOTALL)


def runbook_text(lab: RunbookLab) -> str:
    """Return the runbook of a lab as Markdown."""
    written = {title: list(section(lab)) for title, section in _SECTIONS.items()}
    sections = {title: blocks for title, blocks in written.items() if blocks}
    body = [block for title, blocks in sections.items() for block in (_title(title), *blocks)]
    head = [md.heading(1, f"Runbook of {md.plain(lab.name)}"), *_introduction(lab, body)]
    contents = md.bullets(f"[{title}](#{md.anchor(title)})" for title in sections)
    return "\n\n".join([*head, contents, *body]) + "\n"


def _title(title: str) -> str:
    return md.heading(2, title)


def _introduction(lab: RunbookLab, body: Iterable[str]) -> Iterator[str]:
    yield _summary(lab)
    yield (
        f"`botlab runbook` made this page from {md.code(lab.files.site)}. When the site file has"
        " changed, run the command again:"
    )
    yield md.shell(lab.runbook_command)
    yield (
        "Run all commands in the directory of the site file, one after the other. After the"
        f" deployment, they need the model and the cluster of the lab: see [{_CONNECTION}]"
        f"(#{md.anchor(_CONNECTION)}). You need"
        f" `botlab`, {_kubectl(lab)}, and the client of Juju {lab.juju.value}. The outputs are the"
        " lines that matter, and `...` stands for text that differs each time."
    )
    used = [word for word in PLACEHOLDERS if _is_used(word, body)]
    if used:
        yield "Replace these words in the commands:"
        yield md.table(("word", "replace it by"), ([md.code(w), PLACEHOLDERS[w]] for w in used))


def _kubectl(lab: RunbookLab) -> str:
    release = lab.kubernetes
    return (
        f"`kubectl` {version_text(release)}" if release else "`kubectl` in the cluster's release"
    )


def _summary(lab: RunbookLab) -> str:
    cluster = lab.site.kubernetes.profile
    release = f"Kubernetes {version_text(lab.kubernetes)}" if lab.kubernetes else "a cluster"
    what = f"{release} with the profile {md.code(cluster)}"
    text = f"The lab {md.code(lab.name)} has {len(lab.machines)} machines, Juju {lab.juju.value},"
    description = f" Its description is: {md.plain(lab.site.description)}"
    return f"{text} and {what}.{description if lab.site.description else ''}"


def _is_used(word: str, body: Iterable[str]) -> bool:
    commands = (match[2] for block in body for match in _BLOCK.finditer(block))
    return any(re.search(rf"\b{word}\b", text) for text in commands)
