"""Debian packages: installed and held, with a record of what the charm did, to undo it."""

import json
import os
from typing import Dict, Iterable, List, Set, Tuple

from labcharm import packages
from labcharm.json_types import JsonObject
from labcharm.machine import Machine
from labcharm.urls import has_credentials
from reconciler.settings import STATE_DIRECTORY, parse_object

RECORD = STATE_DIRECTORY + "/packages.json"
SOURCE = "/etc/apt/sources.list.d/nvidia-runtime.list"
KEYRING = "/usr/share/keyrings/nvidia-runtime.gpg"
# A package's name and its version; an empty version stands for any.
Package = Tuple[str, str]


class Apt:
    """The packages of a machine.

    Args:
        machine: The machine.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def installed(self, names: Iterable[str]) -> Dict[str, str]:
        """Return the versions of the packages that are installed; a name may contain `*`."""
        return packages.installed(self._machine, names)

    def missing(self, requested: Iterable[Package]) -> List[Package]:
        """Return the packages that are not installed, or not in the named version."""
        required = list(requested)
        versions = self.installed([name for name, _ in required]) if required else {}
        return [
            (name, version)
            for name, version in required
            if name not in versions or (version and versions[name] != version)
        ]

    def add_source(self, lines: str, keyring: bytes) -> bool:
        """Write the charm's apt sources and their key; return whether either changed."""
        changed = _write_bytes(self._machine.path(KEYRING), keyring)
        text = f"# by the charm nvidia-runtime\n{lines}\n"
        return self._machine.write(SOURCE, text) or changed

    def protect_source(self) -> None:
        """Let only root read the charm's apt sources if they hold credentials.

        Earlier revisions of the charm accepted credentials in `toolkit-source`.
        """
        if has_credentials(self._machine.read(SOURCE) or ""):
            os.chmod(self._machine.path(SOURCE), 0o600)

    def update(self) -> None:
        """Update the package lists.

        Raises:
            CommandError: When apt fails.
        """
        packages.update(self._machine)

    def install(self, requested: Iterable[Package]) -> None:
        """Install packages and record those that were not installed before.

        The record names them as unfinished until apt has ended, in case the hook is killed.

        Raises:
            CommandError: When apt fails; its last line of output is in the message.
        """
        required = list(requested)
        names = {name for name, _ in required}
        record = self.record()
        new = names - set(self.installed(sorted(names)))
        record["installed"] = sorted(set(record["installed"]) | new)
        words = [f"{name}={version}" if version else name for name, version in required]
        self._write_record(dict(record, unfinished=words))
        held = sorted(names & set(record["held"]))
        if held:
            self._machine.check(["apt-mark", "unhold", *held])
        packages.install(self._machine, words)
        if held:
            self._machine.check(["apt-mark", "hold", *held])
        self._write_record(dict(record, unfinished=[]))

    def resume(self) -> None:
        """Finish an installation that was interrupted.

        If none of its packages are installed, the parts that need them install them anew, perhaps
        others by then.

        Raises:
            CommandError: When apt fails.
        """
        record = self.record()
        if not record["unfinished"]:
            return
        self._machine.run(["dpkg", "--configure", "-a"], timeout=3600)
        requested = [_package(word) for word in record["unfinished"]]
        missing = self.missing(requested)
        if 0 < len(missing) < len(requested):
            self.install(missing)
        else:
            self._write_record(dict(record, unfinished=[]))

    def hold(self, names: Iterable[str]) -> bool:
        """Hold packages that the administrator does not hold; return whether any was new.

        The record is written first, so that a hold of the charm never passes for one of the
        administrator. What is held is read from apt, because the hook may be killed in between.
        """
        record = self.record()
        requested, on_hold = set(names), self._on_hold()
        foreign = requested & on_hold - set(record["held"])
        record["others"] = sorted(set(record["others"]) | foreign)
        record["held"] = sorted(set(record["held"]) | requested - set(record["others"]))
        if record != self.record():
            self._write_record(record)
        new = sorted(requested & set(record["held"]) - on_hold)
        if new:
            self._machine.check(["apt-mark", "hold", *new])
        return bool(new)

    def release(self) -> bool:
        """Release the charm's holds; return whether there were any."""
        record = self.record()
        if record["held"]:
            self._machine.run(["apt-mark", "unhold"] + record["held"])
            self._write_record(dict(record, held=[], others=[]))
        return bool(record["held"])

    def restore(self) -> None:
        """Remove the charm's source, key and holds.

        The packages stay, because what runs on the machine would lose its driver.
        """
        self.release()
        self._machine.remove(SOURCE)
        self._machine.remove(KEYRING)
        self._machine.remove(RECORD)

    def record(self) -> JsonObject:
        """Return the record of packages: installed, unfinished and held ones.

        "others" names the packages that the administrator held before the charm.
        """
        record: JsonObject = {"installed": [], "unfinished": [], "held": [], "others": []}
        record.update(parse_object(self._machine.read(RECORD)) or {})
        return record

    def _on_hold(self) -> Set[str]:
        return set(self._machine.run(["apt-mark", "showhold"]).out.split())

    def _write_record(self, record: JsonObject) -> None:
        self._machine.write(RECORD, json.dumps(record, sort_keys=True) + "\n", 0o600)


def _package(word: str) -> Package:
    name, _, version = word.partition("=")
    return name, version


def _write_bytes(path: str, content: bytes) -> bool:
    try:
        with open(path, "rb") as file:
            if file.read() == content:
                return False
    except OSError:
        pass
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".part", "wb") as file:
        file.write(content)
    os.chmod(path + ".part", 0o644)
    os.rename(path + ".part", path)
    return True
