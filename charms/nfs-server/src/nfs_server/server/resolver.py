"""Host names among the clients: the addresses that they stand for now."""

import time
from typing import Dict, Iterable, Tuple

from labcharm.machine import Machine

# For all names together: a DNS that does not answer costs seconds for each.
_SECONDS = 60.0


def resolve(machine: Machine, names: Iterable[str]) -> Dict[str, Tuple[str, ...]]:
    """Return the addresses of those names that the machine's hosts file or DNS knows now."""
    found = {}
    end = time.monotonic() + _SECONDS
    for name in sorted(set(names)):
        left = end - time.monotonic()
        if left <= 0:
            break
        out = machine.run(["getent", "ahosts", name], timeout=left).out
        # An address of one link alone (fe80::1%eth0) is none that exports(5) can name.
        addresses = {line.split()[0] for line in out.splitlines() if line.strip()}
        addresses = {address for address in addresses if "%" not in address}
        if addresses:
            found[name] = tuple(sorted(addresses))
    return found
