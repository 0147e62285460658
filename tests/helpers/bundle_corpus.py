"""Strategies for bundles to compare judgements on: mostly valid ones, and ones with faults."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import strategies as st

NAMES = ["etcd", "web", "web2", "db-main", "a1b", "worker"]
CHARMS = ["cs:etcd-3", "cs:~ann/web-12", "etcd", "ch:web", "cs:bionic/db-4", "postgresql", "cs:x"]
SERIES = ["", "bionic", "focal", "xenial"]
CONSTRAINTS = ["", "mem=4G", "cores=2 tags=a,^b", "arch=arm64", "root-disk=8G zones=z", "spaces=s"]
STORAGE = ["1G", "ebs,10G", "3", "pool,2,1G"]
FAULTY = {
    "charm": ["", "cs:~/x", "http://x", "ch:a_b", "a/b/c/d", "cs:Bad", "local:~u/x", "zz:x", "1x"],
    "constraints": ["mem", "foo=1", "mem=x", "cores=-1", "mem=1 mem=2", "arch=z", "spaces=A_B"],
    "to": [["bad name"], ["9"], ["zap/0"], ["lxd:new/2"], ["web/7"], ["0", "0", "0", "0", "0"]],
    "num_units": [-1, "x", [1]],
    "series": ["Bad!", "9x"],
    "storage": [{"Bad": "1G"}, {"data": "-1G"}, {"data": "0"}, {"data": "!!"}],
    "devices": [{"Bad": "1,nvidia"}, {"gpu": "0,nvidia"}],
    "resources": [{"": 1}, {"r": 1.5}, {"r": [1]}],
    "expose": ["maybe"],
    "options": ["text", {"a": "include-file://none"}, {"b": "include-base64://./../none"}],
    "annotations": [["x"]],
    "offers": [{"o": {"endpoints": ["db"]}}],
    "revision": [3],
    "scale": [2],
    "placement": ["a=b"],
}


@st.composite
def applications(draw: st.DrawFn, names: list[str], machines: list[str]) -> dict[str, Any]:
    """Draw an application that fits the rest of its bundle."""
    body: dict[str, Any] = {"charm": draw(st.sampled_from(CHARMS))}
    units = draw(st.integers(0, 3))
    if units:
        body["num_units"] = units
        placements = ["new", "lxd:new", *names, *(f"lxd:{name}" for name in names)]
        placements += [*machines, *(f"lxd:{machine}" for machine in machines)]
        body["to"] = draw(st.lists(st.sampled_from(placements), max_size=units))
    options = {
        "series": st.sampled_from(SERIES),
        "constraints": st.sampled_from(CONSTRAINTS),
        "expose": st.booleans(),
        "annotations": st.dictionaries(st.sampled_from(["gui-x", "gui-y"]), st.integers(0, 9)),
        "options": st.dictionaries(
            st.sampled_from(["a", "b"]), st.sampled_from([1, "x", True, 1.5])
        ),
        "storage": st.dictionaries(st.sampled_from(["data"]), st.sampled_from(STORAGE)),
        "resources": st.dictionaries(st.sampled_from(["r", "s"]), st.sampled_from([1, "./x"])),
        "bindings": st.dictionaries(st.sampled_from(["", "db"]), st.sampled_from(["s", "t"])),
        "channel": st.sampled_from(["stable", "1/edge"]),
    }
    for key in draw(st.lists(st.sampled_from(sorted(options)), unique=True, max_size=4)):
        body[key] = draw(options[key])
    return {key: field for key, field in body.items() if field not in ("", {}, [])}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a bundle that is mostly valid."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1, max_size=5))
    machines = draw(st.lists(st.sampled_from(["0", "1", "4", "10"]), unique=True, max_size=3))
    document: dict[str, Any] = {
        "applications": {name: draw(applications(names, machines)) for name in names}
    }
    if machines:
        document["machines"] = {
            machine: draw(st.sampled_from([None, {}, {"constraints": "mem=2G"}]))
            for machine in machines
        }
    if draw(st.booleans()):
        document["series"] = draw(st.sampled_from(SERIES[1:]))
    ends = st.sampled_from([*names, *(f"{name}:db" for name in names)])
    pairs = st.lists(st.lists(ends, min_size=2, max_size=2), max_size=4)
    document["relations"] = draw(pairs)
    return document


@st.composite
def broken_documents(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a bundle with one to three faults, and perhaps a faulty relation."""
    document = draw(documents())
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(document["applications"])))
        key = draw(st.sampled_from(sorted(FAULTY)))
        document["applications"][name][key] = draw(st.sampled_from(FAULTY[key]))
    if draw(st.booleans()):
        fault = draw(st.sampled_from([["a"], ["web", "web"], ["x:y:z", "web"], ["nope", "web"]]))
        document["relations"] = [*document["relations"], fault]
    return document


def bundle_text(document: dict[str, Any]) -> str:
    """Return the YAML text of a bundle."""
    return yaml.safe_dump(document, sort_keys=False)
