"""Packages: installed, held, and given back, with a record of what was ours."""

import json
import os
import re
from typing import Any, Dict, Iterable, List, Tuple

from labcharm import packages
from labcharm.machine import CommandError, Machine
from reconciler.settings import HOME, parse

RECORD = HOME + "/packages.json"
SOURCE = "/etc/apt/sources.list.d/nvidia-runtime.list"
KEYRING = "/usr/share/keyrings/nvidia-runtime.gpg"
Package = Tuple[str, str]


class Apt:
    """Packages of a machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def installed(self, names: Iterable[str]) -> Dict[str, str]:
        """Return the versions of those packages that are installed; a name may hold `*`."""
        return packages.installed(self._machine, names)

    def missing(self, wanted: Iterable[Package]) -> List[Package]:
        """Return those that are not installed, or not in the version that is named."""
        named = list(wanted)
        present = self.installed([name for name, _ in named]) if named else {}
        return [
            (name, version)
            for name, version in named
            if name not in present or (version and present[name] != version)
        ]

    def add_source(self, line: str, keyring: bytes) -> bool:
        """Write our apt source and its key; tell whether either is new."""
        changed = _write_bytes(self._machine.path(KEYRING), keyring)
        return self._machine.write(SOURCE, "# by the charm nvidia-runtime\n%s\n" % line) or changed

    def update(self) -> None:
        """Read the package lists anew.

        Raises:
            CommandError: When apt cannot.
        """
        packages.update(self._machine)

    def install(self, wanted: Iterable[Package]) -> None:
        """Install packages and note those that were not there before.

        Raises:
            CommandError: When apt cannot; its last words are the text.
        """
        named = list(wanted)
        present = self.installed([name for name, _ in named])
        new = [name for name, _ in named if name not in present]
        record = self.record()
        record["installed"] = sorted(set(record["installed"]) | set(new))
        self._keep(record)
        names = [name + ("=" + version if version else "") for name, version in named]
        held = {name for name, _ in named} & set(record["held"])
        if held:
            self._machine.check(["apt-mark", "unhold", *sorted(held)])
        packages.install(self._machine, names)
        if held:
            self._machine.check(["apt-mark", "hold", *sorted(held)])

    def hold(self, names: Iterable[str]) -> bool:
        """Hold packages, except those that somebody else holds; tell whether any was new."""
        record = self.record()
        new = set(names) - set(record["held"]) - set(record["others"])
        if not new:
            return False
        others = new & set(self._machine.run(["apt-mark", "showhold"]).out.split())
        ours = sorted(new - others)
        record["others"] = sorted(set(record["others"]) | others)
        record["held"] = sorted(set(record["held"]) | set(ours))
        self._keep(record)
        if ours:
            self._machine.check(["apt-mark", "hold", *ours])
        return bool(ours)

    def release(self) -> bool:
        """Take back our holds; tell whether there were any."""
        record = self.record()
        if record["held"]:
            self._machine.run(["apt-mark", "unhold"] + record["held"])
            self._keep(dict(record, held=[], others=[]))
        return bool(record["held"])

    def give_back(self) -> None:
        """Take our source, key and holds away; packages stay, or what runs lost its driver."""
        self.release()
        self._machine.remove(SOURCE)
        self._machine.remove(KEYRING)
        self._machine.remove(RECORD)

    def record(self) -> Dict[str, Any]:
        """Return what was ours: packages installed and held, and the resource's digest."""
        known = parse(self._machine.read(RECORD))
        record: Dict[str, Any] = {"installed": [], "held": [], "others": [], "resource": ""}
        record.update(known if isinstance(known, dict) else {})
        return record

    def note_resource(self, digest: str) -> None:
        """Note the digest of the resource that was installed."""
        self._keep(dict(self.record(), resource=digest))

    def _keep(self, record: Dict[str, Any]) -> None:
        self._machine.write(RECORD, json.dumps(record, sort_keys=True) + "\n", 0o600)


def _write_bytes(path: str, data: bytes) -> bool:
    try:
        with open(path, "rb") as file:
            if file.read() == data:
                return False
    except OSError:
        pass
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".part", "wb") as file:
        file.write(data)
    os.chmod(path + ".part", 0o644)
    os.rename(path + ".part", path)
    return True


def driver_branch(name: str) -> str:
    """Return the branch in a driver package's name, such as 535-server; empty without one."""
    found = re.search(r"-(\d{3}(?:-server)?)(?:-open)?$", name)
    return found.group(1) if found else ""


__all__ = ["Apt", "CommandError", "driver_branch"]
