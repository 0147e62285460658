"""Labs to draw: the examples, labs of any size, and a lab in all states."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path

from botlab.assessment import Request, assess
from botlab.bundle.relation import RelationEnd
from botlab.juju import Juju
from botlab.live.picture import live_picture
from botlab.live.status.model import ModelStatus, StatusInfo
from botlab.picture import model
from botlab.picture.model import LabPicture
from botlab.picture.of_bundle import picture_of
from botlab.rules.lab.facts import Facts
from botlab.rules.subject import Subject
from helpers.live_models import (
    EXAMPLES,
    example_lab,
    ready_status,
    with_machine,
    with_unit,
    without_units,
)
from helpers.status_documents import status_document

EXAMPLE_NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/site.yaml"))
SIZES = (4, 40, 400)
MACHINES_OF_A_RACK = 20
# Texts that end an element, an attribute, a comment, a script or a line, and those that have no
# place in XML or change the direction of text.
HOSTILE_TEXTS = (
    "</title></svg><script>alert(1)</script>",
    "\"' onload='alert(1)",
    "<img src=x onerror='window.stolen = 1'><svg onload='window.stolen = 1'/>",
    "'\" tabindex=1 autofocus onfocus=window.stolen=1 x='",
    "<!-- --> ]]> <![CDATA[",
    "&amp;&#10;&lt;",
    "a\nb\r\tc",
    "\x00\x1b[2J\x7f",
    "\u202eb\u2066\ufeff\uffff",
    "\ud800",
    "„Öl“ \u2013 Łódź → Käfig\u2019s “ß” \u00d7 2 €, ǅ ŉ Ự Ħ",
    "漢字 שלום \U0001f600",
    "W" * 5000,
    "</style>*{display:none}",
    "javascript:alert(1)",
    "",
)


@functools.cache
def example_picture(name: str) -> LabPicture:
    """Return the picture of an example."""
    return picture_of_site(EXAMPLES / name / "site.yaml")


def picture_of_site(path: Path) -> LabPicture:
    """Return the picture of a site file."""
    assessment = assess(Request(path))
    assert assessment.bundle is not None
    assert assessment.site is not None
    subject = Subject(assessment.bundle, assessment.juju, assessment.charms, assessment.site)
    return picture_of(Facts(subject), assessment.site.site)


def site_of_racks(machines: int) -> str:
    """Return a site file with machines in racks of 20: workers, and three control planes."""
    lines = ["site: racks", 'juju: "3.6"', "kubernetes: {profile: charmed-k8s}", "machines:"]
    for number in range(machines):
        rack, position = divmod(number, MACHINES_OF_A_RACK)
        roles = "[easyrsa, etcd, control-plane]" if number == 0 else "[etcd, control-plane]"
        roles = roles if position == 0 and rack < 3 else "[worker]"
        has_gpu = "true" if roles == "[worker]" and rack % 2 == 0 else "false"
        lines.append(
            f"  node{number}: {{tags: [node{number}], roles: {roles}, zone: rack-{rack},"
            f" gpu: {has_gpu}, constraints: cores=16 mem=128G,"
            f" addresses: [10.0.{rack}.{position + 11}]}}"
        )
    lines += ["networks: {lan: {cidr: 10.0.0.0/16}}", "nfs: {server: node0}"]
    lines.append("metallb: {pools: {default: {addresses: [10.0.250.1-10.0.250.99]}}}")
    return "\n".join(lines) + "\n"


def picture_of_size(machines: int, directory: Path) -> LabPicture:
    """Return the picture of a lab with a number of machines.

    Args:
        machines: The number.
        directory: A directory for the site file.
    """
    path = directory / f"racks-{machines}.yaml"
    path.write_text(site_of_racks(machines), encoding="utf-8")
    return picture_of_site(path)


def status_in_all_states(name: str = "botlab") -> ModelStatus:
    """Return the status of a model of an example with a part in each state."""
    status = ready_status(example_lab(name))
    blocked = StatusInfo("blocked", "set addresses: the option pools ends before it starts")
    status = with_unit(status, "metallb/0", workload=blocked)
    status = with_unit(
        status,
        "kubernetes-worker/1",
        workload=StatusInfo("maintenance", "installing snaps"),
        agent=StatusInfo("executing", "running install hook"),
    )
    status = with_unit(status, "nvidia-runtime/1", workload=StatusInfo("error", "hook failed"))
    down = StatusInfo("down", "agent is not communicating with the server")
    status = with_machine(status, "3", agent=down)
    status = with_machine(
        status, "2", addresses=("192.168.1.12",), hardware={"cores": "32", "mem": "65536M"}
    )
    status = without_units(status, "etcd/2")
    return dataclasses.replace(status, document=status_document(status, "3.6.11"))


def picture_in_all_states(*, with_lab: bool = True) -> LabPicture:
    """Return the picture of a running lab with a part in each state.

    Args:
        with_lab: Whether the picture gets the site, too.
    """
    lab = example_lab("botlab") if with_lab else None
    return live_picture(status_in_all_states(), Juju.V3_6, lab)


def hostile_picture() -> LabPicture:
    """Return a picture that has hostile texts in place of all names and messages."""
    texts = HOSTILE_TEXTS
    state = model.State(model.Health.FAILED, " ".join(texts))
    units = tuple(
        model.Unit(text, text, state, (model.Unit(text, text, state),), (text,)) for text in texts
    )
    machines = tuple(
        model.Machine(
            text, text, texts, texts, text, text, units[:2],
            (model.Container(text, text, units[2:3], state, texts),), state, (), texts,
        )
        for text in texts
    )  # fmt: skip
    names = tuple(dict.fromkeys(texts))
    relations = tuple(
        model.Relation(RelationEnd(name, text), RelationEnd(names[0], name), text, True)
        for name in names
        for text in texts[:3]
    )
    return LabPicture(
        texts[0],
        texts,
        machines,
        tuple(model.Application(name, name, 2, False, True, state=state) for name in names),
        relations,
        tuple(model.Resource(text, text, texts, text) for text in texts),
        (state,) * 20,
        is_live=True,
    )
