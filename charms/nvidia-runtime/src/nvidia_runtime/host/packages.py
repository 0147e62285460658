"""Debian packages: installed and held, with a record of what the charm did, to undo it."""

import json
import os
from typing import Dict, Iterable, List, Tuple

from labcharm import packages
from labcharm.json_types import JsonObject
from labcharm.machine import Machine
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

    def update(self) -> None:
        """Update the package lists.

        Raises:
            CommandError: When apt fails.
        """
        packages.update(self._machine)

    def install(self, requested: Iterable[Package]) -> None:
        """Install packages and record those that were not installed before.

        Raises:
            CommandError: When apt fails; its last line of output is in the message.
        """
        required = list(requested)
        names = {name for name, _ in required}
        record = self.record()
        new = names - set(self.installed(sorted(names)))
        record["installed"] = sorted(set(record["installed"]) | new)
        self._write_record(record)
        held = sorted(names & set(record["held"]))
        if held:
            self._machine.check(["apt-mark", "unhold", *held])
        packages.install(
            self._machine, [f"{name}={version}" if version else name for name, version in required]
        )
        if held:
            self._machine.check(["apt-mark", "hold", *held])

    def hold(self, names: Iterable[str]) -> bool:
        """Hold packages that the administrator does not hold; return whether any was new."""
        record = self.record()
        new = set(names) - set(record["held"]) - set(record["others"])
        if not new:
            return False
        foreign = new & set(self._machine.run(["apt-mark", "showhold"]).out.split())
        held = sorted(new - foreign)
        record["others"] = sorted(set(record["others"]) | foreign)
        record["held"] = sorted(set(record["held"]) | set(held))
        self._write_record(record)
        if held:
            self._machine.check(["apt-mark", "hold", *held])
        return bool(held)

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
        """Return the record: packages installed and held, and the installed resource's digest.

        "others" names the packages that the administrator held before the charm.
        """
        record: JsonObject = {"installed": [], "held": [], "others": [], "resource": ""}
        record.update(parse_object(self._machine.read(RECORD)) or {})
        return record

    def record_resource(self, digest: str) -> None:
        """Record the digest of the resource that was installed."""
        self._write_record(dict(self.record(), resource=digest))

    def _write_record(self, record: JsonObject) -> None:
        self._machine.write(RECORD, json.dumps(record, sort_keys=True) + "\n", 0o600)


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
