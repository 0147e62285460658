"""The addresses of host names among the clients."""

import time
from typing import Dict, Iterable, Tuple

from labcharm.machine import Machine

# The limit for all names together. A DNS server that does not answer costs seconds for each name.
_SECONDS = 60.0


def resolve(machine: Machine, names: Iterable[str]) -> Dict[str, Tuple[str, ...]]:
    """Return the addresses of the names that the machine's hosts file or DNS resolves."""
    addresses: Dict[str, Tuple[str, ...]] = {}
    end = time.monotonic() + _SECONDS
    for name in sorted(set(names)):
        remaining = end - time.monotonic()
        if remaining <= 0:
            break
        output = machine.run(["getent", "ahosts", name], timeout=remaining).out
        lines = {line.split()[0] for line in output.splitlines() if line.strip()}
        # exports(5) cannot name an address that is valid on one link only (fe80::1%eth0).
        usable = sorted(address for address in lines if "%" not in address)
        if usable:
            addresses[name] = tuple(usable)
    return addresses
