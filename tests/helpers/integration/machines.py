"""The machines of a cloud that does not make any, as the environment names them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice

# Hosts that `juju add-machine ssh:HOST` can add, such as "ubuntu@10.0.0.2 ubuntu@10.0.0.3". Juju
# does not take a host a second time before its agent is removed from it.
VARIABLE = "BOTLAB_MACHINES"
BASE = "ubuntu@24.04"


def add_machine_arguments(count: int, hosts: Iterator[str] | None) -> list[list[str]]:
    """Return the arguments of `juju add-machine` for some machines, one list per call.

    Args:
        count: How many machines are needed.
        hosts: The hosts that are left; None when the cloud makes the machines.

    Raises:
        ValueError: When too few hosts are left.
    """
    if hosts is None:
        return [["--base", BASE]] * count
    names = list(islice(hosts, count))
    if len(names) < count:
        raise ValueError(f"{VARIABLE} names too few hosts: {count - len(names)} more are needed")
    return [[f"ssh:{name}"] for name in names]


def hosts_of_environment() -> Iterator[str] | None:
    """Return the hosts that the environment names; None when it names none."""
    text = os.environ.get(VARIABLE, "")
    return iter(text.split()) if text else None
