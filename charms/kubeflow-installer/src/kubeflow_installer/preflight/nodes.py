"""What the cluster's nodes have, and what this machine's kernel lets pods do where it is one."""

import re
from fractions import Fraction
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

from labcharm.machine import Machine
from labcharm.text import some

Object = Dict[str, Any]
# CPU in cores, memory and disk in bytes; no disk where upstream names none.
Need = NamedTuple(
    "Need", [("cpu", Fraction), ("memory", Fraction), ("disk", Fraction), ("whole", bool)]
)
# CPU in cores, memory and disk in bytes; None where a node does not say.
Capacity = NamedTuple(
    "Capacity",
    [
        ("name", str),
        ("cpu", Optional[Fraction]),
        ("memory", Optional[Fraction]),
        ("disk", Optional[Fraction]),
    ],
)
# apimachinery, pkg/api/resource/quantity.go and suffix.go: a decimal number and one suffix, or an
# exponent; "E" alone is the suffix, "E3" the exponent.
_QUANTITY = re.compile(
    r"([+-]?)(\d+\.?\d*|\.\d+)(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,4}))?", re.ASCII
)
_DECIMAL = {"n": -3, "u": -2, "m": -1, "k": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_GIB, _GB = 1024**3, 10**9
# Firmware, kernel and file system keep a part of what was bought for themselves, so a machine of
# 16 GiB never reports as many: 3 to 4 % are missing from MemTotal, up to 5 % of an ext4 disk.
_KEPT = Fraction(95, 100)
# Kubeflow's own figures for workers (kubeflow/manifests #2087).
_INOTIFY = (("max_user_instances", 2280), ("max_user_watches", 1255360))
_INOTIFY_FOLDER = "/proc/sys/fs/inotify/"
_SYSCTL_FILE = "/etc/sysctl.d/90-kubeflow.conf"
_PROFILES = "/sys/kernel/security/apparmor/profiles"
# Ubuntu's mysql-server calls it by the program's path, later releases by its name.
_MYSQLD = re.compile(r"^(\S*mysqld) \(enforce\)$", re.MULTILINE)
_MYSQLD_FILE = "/etc/apparmor.d/usr.sbin.mysqld"


def quantity(text: str) -> Fraction:
    """Return what a quantity of Kubernetes amounts to, such as 3.9Gi, 100m, 1e3 or 2E.

    Raises:
        ValueError: When it is none.
    """
    found = _QUANTITY.fullmatch(text)
    if not found:
        raise ValueError("%r is no quantity; 1.5Gi, 500m and 2e3 are" % text)
    sign, digits, suffix, exponent = found.groups()
    number = Fraction(digits + "0" if digits.endswith(".") else digits)
    if suffix in _BINARY:
        number *= 1024 ** _BINARY[suffix]
    elif suffix:
        number *= Fraction(1000) ** _DECIMAL[suffix]
    elif exponent:
        number *= Fraction(10) ** int(exponent)
    return -number if sign == "-" else number


def need_of(release: Any) -> Need:
    """Return what a release asks of nodes: CPUs, GiB of memory, GB of disk."""
    cpu, memory, disk = (
        Fraction(str(part)) for part in (release.cpu, release.memory, release.disk)
    )
    return Need(cpu, memory * _GIB, disk * _GB, bool(release.whole))


# Which nodes count.


def usable(nodes: Sequence[Object]) -> Tuple[List[Object], List[str]]:
    """Return the nodes that pods come to, and why the others take none."""
    taking, told = [], []
    for node in nodes:
        reason = _closed(node)
        if reason:
            told.append("%s %s" % (node["metadata"]["name"], reason))
        else:
            taking.append(node)
    return taking, told


def _closed(node: Object) -> str:
    spec = node.get("spec") or {}
    conditions = (node.get("status") or {}).get("conditions") or []
    ready = [one.get("status") for one in conditions if one.get("type") == "Ready"]
    if ready != ["True"]:
        return "is not ready"
    if spec.get("unschedulable"):
        return "is cordoned"
    for taint in spec.get("taints") or []:
        if taint.get("effect") in ("NoSchedule", "NoExecute"):
            return "has the taint %s:%s" % (taint.get("key"), taint["effect"])
    return ""


def capacity(node: Object) -> Capacity:
    """Return what a node has, before what its kubelet reserves."""
    found = (node.get("status") or {}).get("capacity") or {}
    parts = [_part(found, key) for key in ("cpu", "memory", "ephemeral-storage")]
    return Capacity(node["metadata"]["name"], parts[0], parts[1], parts[2])


def _part(found: Object, key: str) -> Optional[Fraction]:
    try:
        return quantity(str(found[key]))
    except (KeyError, ValueError):
        return None  # kubelets without a view of their disk do not say


def short_of(nodes: Sequence[Object], need: Need) -> str:
    """Say what the nodes lack of what a release needs; empty when they have it."""
    taking, closed = usable(nodes)
    if not taking:
        why = some(closed) if closed else "there is no node at all"
        return "no node takes pods: %s; add a worker, or make one ready" % why
    found = [capacity(node) for node in taking]
    if need.whole:
        found = [_sum(found)]
    if any(_suffices(one, need) for one in found):
        return ""
    return _told(found, need)


def _sum(found: Sequence[Capacity]) -> Capacity:
    def total(parts: Sequence[Optional[Fraction]]) -> Optional[Fraction]:
        known = [part for part in parts if part is not None]
        return sum(known, Fraction(0)) if len(known) == len(parts) else None

    return Capacity(
        "all %d together" % len(found),
        total([one.cpu for one in found]),
        total([one.memory for one in found]),
        total([one.disk for one in found]),
    )


def _suffices(found: Capacity, need: Need) -> bool:
    """Tell whether a node has enough; what it does not say is not held against it."""
    wanted = (need.cpu, need.memory * _KEPT, need.disk * _KEPT)
    return all(part is None or part >= least for part, least in zip(found[1:], wanted))


def _told(found: Sequence[Capacity], need: Need) -> str:
    who = "the nodes that take pods have not" if need.whole else "no node that takes pods has"
    parts = ["%g CPUs" % float(need.cpu), _size(need.memory, _GIB, "GiB") + " of memory"]
    parts += [_size(need.disk, _GB, "GB") + " of disk"] if need.disk else []
    wanted = "%s and %s" % (", ".join(parts[:-1]), parts[-1])
    has = ["%s: %s" % (one.name, _has(one, need)) for one in found]
    return "%s %s (%s); add a larger worker" % (who, wanted, some(has))


def _has(found: Capacity, need: Need) -> str:
    """Return what a node has of what is asked for."""
    parts = ["? CPUs" if found.cpu is None else "%g CPUs" % float(found.cpu)]
    parts.append(_size(found.memory, _GIB, "GiB"))
    return ", ".join(parts + ([_size(found.disk, _GB, "GB")] if need.disk else []))


def _size(value: Any, unit: int, name: str) -> str:
    return "? %s" % name if value is None else "%.4g %s" % (float(value / Fraction(unit)), name)


# This machine, where it is a node.


def node_here(machine: Machine, nodes: Sequence[Object]) -> str:
    """Return the name of the node that this machine is; empty where it is none of them."""
    # Prints the addresses of all interfaces but loopback's, on every release of Ubuntu.
    own = set(machine.run(["hostname", "-I"]).out.split())
    for node in nodes:
        if own & _internal(node):
            return str(node["metadata"]["name"])
    return ""


def _internal(node: Object) -> Set[str]:
    addresses = (node.get("status") or {}).get("addresses") or []
    return {str(one.get("address")) for one in addresses if one.get("type") == "InternalIP"}


def limits(machine: Machine) -> List[str]:
    """Say which limits of this machine's kernel make pods fail, with the commands that mend it."""
    return [told for told in (_inotify(machine), _apparmor(machine)) if told]


def _inotify(machine: Machine) -> str:
    low = []
    for name, least in _INOTIFY:
        now = (machine.read(_INOTIFY_FOLDER + name) or "").strip()
        if now.isdigit() and int(now) < least:
            low.append(("fs.inotify.%s" % name, now, least))
    if not low:
        return ""
    have = " and ".join("%s is %s, less than %d" % one for one in low)
    lines = "".join("%s=%d\\n" % (name, least) for name, _, least in low)
    mend = "printf '%s' > %s && sysctl -p %s" % (lines, _SYSCTL_FILE, _SYSCTL_FILE)
    return "%s (pods end with 'too many open files'): on every worker: %s" % (have, mend)


def _apparmor(machine: Machine) -> str:
    found = _MYSQLD.search(machine.read(_PROFILES) or "")
    if not found:
        return ""
    told = (
        "AppArmor holds the databases' mysqld to the host's profile %s, and they end: on every"
        " worker that has it: apparmor_parser -R %s && ln -s %s /etc/apparmor.d/disable/"
    )
    return told % (found.group(1), _MYSQLD_FILE, _MYSQLD_FILE)
