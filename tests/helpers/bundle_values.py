"""The values that generated bundles are made of."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

NAMES = ["etcd", "web", "web2", "db-main", "a1b", "worker", "web10"]
MACHINES = ["0", "1", "2", "4", "10"]
ENDPOINTS = ["db", "website", "juju-info", "a-b", "x1"]
OLD_CHARMS = [
    *("cs:etcd-3", "cs:~ann/web-12", "etcd", "cs:web", "cs:db-4", "postgresql", "cs:x") * 3,
    *(
        "cs:bionic/db-4",
        "ch:web",
        "cs:xenial/etcd",
        "cs:~ann/trusty/db",
        "ch:postgresql",
        "cs:focal/web-7",
        "local:web",
    ),
]
NEW_CHARMS = [
    *("etcd", "ch:web", "postgresql", "ch:postgresql", "kubernetes-control-plane", "x", "a1"),
    *("a-b-c", "ch:a1", "local:web"),
]
SERIES = [
    *("bionic", "focal", "xenial", "jammy", "focal", "bionic", "jammy", "noble", "trusty") * 3,
    *("kubernetes", "centos7", "kinetic", "eoan", "genericlinux", "win2016"),
]
BASES = [
    *("ubuntu@22.04", "ubuntu@20.04", "ubuntu@24.04", "ubuntu@22.04/stable", "ubuntu@18.04") * 4,
    *("ubuntu@22.04/edge", "ubuntu@jammy", "centos@7", "centos@9", "kubernetes@kubernetes"),
    *("ubuntu@22.10", "ubuntu@latest/stable", "ubuntu@22.04/stable/fix", "genericlinux@1"),
]
CHANNELS = [
    *("stable", "edge", "latest/stable", "1.28/stable", "candidate", "1.28/candidate", "beta"),
    *("latest/edge/fix", "1.28", "edge/fix", "2", "risk", "a-b/edge"),
]
ANNOTATIONS: list[Any] = [
    {"gui-x": 1, "gui-y": 2},
    {"gui-x": "3.5"},
    {"a": "", "b": True},
    {"note": 1.5},
    {},
]
OFFER_URLS = [
    *("production.influxdb", "admin/default.mysql", "ctrl:admin/prod.db", "ctrl:prod.db"),
    *("bob@external/prod.db", "a.b"),
]
CONSTRAINTS = [
    *("mem=4G", "mem=512", "mem=1.5G", "cores=2", "cpu-cores=4", "cpu-power=100", "arch=arm64"),
    *(
        "arch=amd64",
        "root-disk=8G",
        "root-disk-source=lvm",
        "tags=a,^b",
        "spaces=s",
        "spaces=a,^b",
    ),
    *("zones=z1,z2", "container=lxd", "container=kvm", "instance-type=m5.large", "virt-type=kvm"),
    *("allocate-public-ip=true", "allocate-public-ip=false", "instance-role=x", "tags=", "mem="),
    *("arch=ppc64el", "arch=s390x", "arch=riscv64", "mem=1P", "cores=0", "zones="),
]
LATER_THAN_2_6 = ("root-disk-source", "allocate-public-ip", "instance-role", "arch=riscv64")
# Local charms whose series 2.9.21 computes otherwise than later 2.9 releases.
LATER_THAN_2_9_21 = {"both", "two-bases"}
RESOURCES: list[Any] = [
    {"r": 1},
    {"r": "./text.txt"},
    {"r": 0, "s": "text.txt"},
    {"image": "a/b:1"},
]
APPLICATION: Mapping[str, list[Any]] = {
    "expose": [True, False],
    "annotations": ANNOTATIONS,
    "options": [
        {"a": 1},
        {"a": "x", "b": True},
        {"a": 1.5, "b": None},
        {"a": "include-file://text.txt"},
        {"a": "include-base64://text.txt"},
        {"a": [1, "x"], "b": {"c": 1}},
        {"trust": True},
        {},
    ],
    "storage": [{"data": "1G"}, {"data": "ebs,10G"}, {"data": "3"}, {"a": "pool,2,1G", "b": "5M"}],
    "devices": [{"gpu": "2,nvidia.com/gpu"}, {"gpu": "nvidia.com/gpu"}, {"gpu": "1,x,a=b;c=d"}],
    "resources": RESOURCES,
    "bindings": [{"": "s", "db": "t"}, {"db": "alpha"}, {"": "alpha"}],
    "trust": [True, False],
    "plan": ["acme/default"],
    "unknown-key": [1],
}
COMMON = {"expose", "options", "annotations"}
TOP_LEVEL: Mapping[str, list[Any]] = {
    "name": ["a-name"],
    "description": ["A text.", ""],
    "tags": [["a", "b"]],
    "unknown": [{"a": 1}],
    "variables": [{"a": "b"}],
    "docs": ["https://example.com"],
    "source": ["https://example.com"],
}
OVERLAY: Mapping[str, list[Any]] = {
    "num_units": [0, 1, 2, None],
    "options": [{"a": 2}, {"a": None}, {"c": "include-file://text.txt"}, None, {}],
    "constraints": ["mem=1G", "", "image-id=ubuntu-1", None],
    "to": [["0"], [], None, ["new"]],
    "expose": [True, False, None],
    "annotations": [{"gui-x": 5}, {"gui-x": None}, None],
    "storage": [{"data": "2G"}, {"data": None}, None],
    "channel": ["edge", None],
    "offers": [
        {"o": {"endpoints": ["db"]}},
        {"o": {"endpoints": ["db", "website"], "acl": {"admin": "admin", "user": "consume"}}},
        {"o": {"endpoints": ["x1"], "acl": {"x": "read"}}, "p": {"endpoints": ["db"]}},
        {"o": {"acl": {"admin": "admin"}}},
        {"o": None},
    ],
    "exposed-endpoints": [
        {"": {"expose-to-cidrs": ["10.0.0.0/8"]}},
        {"db": {"expose-to-spaces": ["s"]}, "": {"expose-to-cidrs": ["0.0.0.0/0", "::/0"]}},
        {"db": {}},
        {"db": None},
    ],
    "resources": [{"r": 2}, {"r": None}],
    "bindings": [{"db": "s"}, {"db": None}],
    "trust": [True, False],
    "base": ["ubuntu@22.04"],
    "series": ["jammy"],
    "charm": ["etcd", "./charms/plain.charm"],
    "unknown-key": [1],
}
OVERLAY_TOP_LEVEL: Mapping[str, list[Any]] = {
    "series": ["focal", ""],
    "default-base": ["ubuntu@20.04"],
    "relations": [[["web:db", "etcd:db"]], [], None],
    "machines": [{"0": {"constraints": "mem=3G"}}, {"5": None}, {"0": None}, None],
    "saas": [{"remote": {"url": "a.b"}}, {"remote": None}, {}],
    "bundle": ["kubernetes"],
    "description": ["other"],
}
AGREEING = {"focal": "ubuntu@20.04", "jammy": "ubuntu@22.04/stable", "bionic": "ubuntu@18.04"}
META = "name: {name}\nsummary: a summary\ndescription: a description\n"
MANIFEST_BASE = "  - {{name: {os}, channel: '{channel}', architectures: [{arch}]}}\n"


def _manifest(*bases: tuple[str, str, str]) -> str:
    lines = [
        MANIFEST_BASE.format(os=os, channel=channel, arch=arch) for os, channel, arch in bases
    ]
    return "bases:\n" + "".join(lines)


LOCAL_CHARMS: Mapping[str, Mapping[str, str]] = {
    "plain": {"metadata.yaml": META.format(name="plain"), "config.yaml": "options: {}\n"},
    "focal": {
        "metadata.yaml": META.format(name="focal"),
        "manifest.yaml": _manifest(("ubuntu", "20.04", "amd64")),
    },
    "two-bases": {
        "metadata.yaml": META.format(name="two-bases"),
        "manifest.yaml": _manifest(
            ("ubuntu", "22.04/stable", "amd64"), ("ubuntu", "20.04", "arm64")
        ),
    },
    "old-series": {
        "metadata.yaml": META.format(name="old-series") + "series: [xenial, bionic]\n",
    },
    "both": {
        "metadata.yaml": META.format(name="both") + "series: [bionic, focal]\n",
        "manifest.yaml": _manifest(("ubuntu", "22.04", "amd64, arm64")),
    },
    "subordinate": {
        "metadata.yaml": META.format(name="subordinate")
        + "subordinate: true\nrequires: {info: {interface: juju-info, scope: container}}\n",
    },
    "kubernetes": {
        "metadata.yaml": META.format(name="kubernetes") + "series: [kubernetes]\n",
    },
}


def agreeing(rng: random.Random, key: str) -> dict[str, str]:
    """Return a series and a base, which mostly agree."""
    series = rng.choice(sorted(AGREEING))
    base = AGREEING[series] if rng.random() < 0.8 else rng.choice(BASES)
    return {"series": series, key: base}


def placements(rng: random.Random, units: Mapping[str, int], machines: list[str]) -> list[str]:
    """Return placements that fit a bundle, in all their forms.

    Args:
        rng: The source of random numbers.
        units: The number of units of each application that a placement may name.
        machines: The machines of the bundle.
    """
    targets = ["new", *(name for name, count in units.items() if count), *machines * 2]
    targets += [f"{name}/{number}" for name, count in units.items() for number in range(count)]
    return [*targets, *(f"{rng.choice(('lxd', 'lxd', 'kvm'))}:{target}" for target in targets)]
