"""Findings that come before there is a bundle to judge: what each means, and what mends it.

They are made where a file is read (:mod:`botlab.site.complaints`, :mod:`botlab.bundle.complaints`)
and where a site is rendered (:mod:`botlab.render`, :mod:`botlab.job`); here they are explained.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...findings import Severity


@dataclass(frozen=True, slots=True)
class Early:
    """Such a finding: its stable id, its reason, and its mend.

    Attributes:
        id: Its stable id.
        title: What it finds.
        severity: How grave it is in a site.
        reason: Why it is one.
        mend: What mends it.
    """

    id: str
    title: str
    severity: Severity
    reason: str
    mend: str


_ERROR, _WARNING = Severity.ERROR, Severity.WARNING
_ALL = (
    Early(
        "BL001",
        "Unknown key",
        _ERROR,
        "A misspelt key would be without effect, and nobody would notice. Juju passes such keys of"
        " a bundle by without a word, so there it is a warning.",
        "write the key that is named, or one of those that are known there",
    ),
    Early(
        "BL002",
        "Value of another type",
        _ERROR,
        "The key wants a text, a number, true or false, a list or a mapping, and has another of"
        " these. In a bundle Juju drops the whole document for it, or stops with a message that"
        " names another cause.",
        "write a value of the type that is named",
    ),
    Early(
        "BL003",
        "Missing key",
        _ERROR,
        "The site, or this section of it, says nothing without this key.",
        "add the key; docs/site-file.md and `botlab explain KEY` have an example of each",
    ),
    Early(
        "BL004",
        "Value that its key does not take",
        _ERROR,
        "The value has the right type, but it is no address, name, path or word of the set that"
        " the key takes.",
        "write one of the form that the finding shows",
    ),
    Early(
        "BL005",
        "Key that stands twice",
        _ERROR,
        "YAML wants the keys of a mapping to differ, and readers keep one of the two as they"
        " please. Juju keeps a bundle's last one, so there it is a warning.",
        "keep one of the two",
    ),
    Early(
        "BL011",
        "Application that the bundle does not have",
        _ERROR,
        "The section applications changes what the profile deploys, and what the site asks for by"
        " its own sections; for another name there is nothing to change.",
        "write a name that is there, or add the section that deploys the charm",
    ),
    Early(
        "BL012",
        "Placement on a machine that is not there",
        _ERROR,
        "Units go to machines of the site, by their names in it.",
        "name a machine of the site, or lxd:NAME for a container on it",
    ),
    Early(
        "BL013",
        "Storage server that is not there",
        _ERROR,
        "nfs.server is a machine of the site: nfs-server stands right on it, as the server is the"
        " kernel's.",
        "name a machine of the site",
    ),
    Early(
        "BL014",
        "Profile that is not known",
        _ERROR,
        "A profile says which applications make a Kubernetes; `botlab explain profiles` lists"
        " them.",
        "write the name of a profile",
    ),
    Early(
        "BL015",
        "Local charm that is not there yet",
        _WARNING,
        "Juju refuses a bundle whose local charm does not exist (J031). A site is written before"
        " its charms are packed, so until the deploy this is a step to take, and no fault.",
        "pack this suite's charms where the site looks for them (make charms CHARMS=FOLDER), fetch"
        " others with juju download",
    ),
)
_BY_ID = {early.id: early for early in _ALL}


def early_findings() -> tuple[Early, ...]:
    """Return all of them, by id."""
    return _ALL


def find_early(finding_id: str) -> Early | None:
    """Return one of them; None when there is none of that id."""
    return _BY_ID.get(finding_id.upper())
