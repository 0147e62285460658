"""Snaps, packages and services that a lab needs beside its charms and images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..catalogue.kubernetes import version_text
from ..catalogue.offline import OfflineNeeds
from ..catalogue.profiles import OWN_CHARMS
from ..juju import Juju
from ..rules.lab.facts import Facts
from ..shell import command_line
from ..urls import redact
from .items import Item, Kind

# What nvidia-runtime installs with driver=auto (nvidia_runtime/host/recommendation.py asks
# ubuntu-drivers), and nfs-server (nfs_server/server/service.py).
_RECOMMENDED_DRIVER = (
    "ubuntu-drivers-common", "nvidia-headless-NNN-server", "nvidia-utils-NNN-server",
)  # fmt: skip
_NFS_SERVER = ("nfs-kernel-server",)
# The ends of the names of options that hold addresses.
_ADDRESS_KEYS = ("-url", "-source", "-key")


def program_items(facts: Facts, needs: OfflineNeeds) -> Iterator[Item]:
    """Yield the snaps, packages and services of a lab.

    Args:
        facts: The facts about the bundle.
        needs: What the cluster's charms take from elsewhere.
    """
    yield from _snaps(facts, needs)
    yield from _packages(facts, needs)
    yield from _services(facts)
    yield from _addresses(facts)


def _snaps(facts: Facts, needs: OfflineNeeds) -> Iterator[Item]:
    for snap in needs.snaps:
        for name, application in facts.applications_of(snap.charm):
            if snap.name in application.resources:
                continue
            channel = snap_channel(snap.channel, facts, name)
            path = f"snaps/{snap.name}.snap"
            get = snap_download(snap.name, channel, path)
            yield Item(Kind.SNAP, snap.name, get, version=channel, path=path)


def snap_channel(text: str, facts: Facts, name: str) -> str:
    """Return the channel of a snap; empty if the cluster that decides it is not known.

    Args:
        text: The channel in the profile, with placeholders.
        facts: The facts about the bundle.
        name: The application whose charm installs the snap.
    """
    release = version_text(facts.kubernetes) if facts.kubernetes else ""
    values = {"{channel}": facts.kubernetes_channel(name), "{release}": release}
    used = {placeholder: value for placeholder, value in values.items() if placeholder in text}
    # A charm with the channel auto chooses one that only the charm knows.
    if {"", "auto"}.intersection(used.values()):
        return ""
    for placeholder, value in used.items():
        text = text.replace(placeholder, value)
    return text


def snap_download(snap: str, channel: str, path: str) -> str:
    """Return the command that downloads a snap.

    Args:
        snap: The name of the snap.
        channel: The channel; empty for the default of the snap.
        path: The path of the file, which ends in .snap.
    """
    directory, _, file = path.rpartition("/")
    options = [f"--channel={channel}"] if channel else []
    options += [f"--basename={file.removesuffix('.snap')}"]
    options += [f"--target-directory={directory or '.'}"]
    return command_line("snap", "download", snap, *options)


def _packages(facts: Facts, needs: OfflineNeeds) -> Iterator[Item]:
    for name, packages in (*_own_packages(facts), *_platform_packages(facts, needs)):
        for package in packages:
            get = f"{command_line('apt-get', 'download', package)}, or a mirror of Ubuntu"
            yield Item(Kind.PACKAGE, package, get, version=f"for {name}")


def _platform_packages(facts: Facts, needs: OfflineNeeds) -> Iterator[tuple[str, Sequence[str]]]:
    for charm, packages in needs.packages.items():
        if facts.applications_of(charm):
            yield charm, packages


def _own_packages(facts: Facts) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the packages of this project's charms, which their options name."""
    for name, _ in facts.applications_of("nfs-server"):
        yield name, _NFS_SERVER
    for name, _ in facts.applications_of("nvidia-runtime"):
        driver = facts.option(name, "driver")
        packages = {"auto": _RECOMMENDED_DRIVER, "host": (), "none": ()}
        yield name, packages.get(driver, (driver,))


def _services(facts: Facts) -> Iterator[Item]:
    release = facts.juju.value
    yield Item(
        Kind.SERVICE,
        "juju",
        command_line("snap", "download", "juju", f"--channel={release}/stable"),
        version=release,
    )
    verb = "sync-agent-binary" if facts.juju >= Juju.V3_6 else "sync-tools"
    option = "--agent-version" if facts.juju >= Juju.V3_6 else "--version"
    yield Item(
        Kind.SERVICE,
        "agents of Juju",
        command_line("juju", verb, f"{option}={release}", "--local-dir=juju"),
        version=release,
    )
    yield Item(
        Kind.SERVICE,
        "controller of Juju with these agents",
        command_line("juju", "bootstrap", "--metadata-source", "juju"),
    )
    yield Item(
        Kind.SERVICE,
        "images of Ubuntu",
        "import them into MAAS; for containers, set the model option container-image-metadata-url",
    )


def _addresses(facts: Facts) -> Iterator[Item]:
    """Yield the addresses that options of this project's charms name, such as `manifest-url`."""
    for name, application in facts.applications_of(*OWN_CHARMS):
        for key, setting in application.options.items():
            if key.endswith(_ADDRESS_KEYS) and "://" in str(setting):
                get = f"{redact(str(setting))} must answer in the lab"
                yield Item(Kind.SERVICE, f"{key} of {name}", get)
