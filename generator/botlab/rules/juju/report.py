"""Collects what Juju would say, with a stable id and a mend for each of its rules."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...bundle.model import Bundle
from ...findings import Finding, KeyPath, Severity
from ...juju import Juju

# One id per rule; the mend is ours, since Juju's messages seldom name one.
FIXES: dict[str, str] = {
    "J010": "write `bundle: kubernetes`, or leave `bundle` out for machines",
    "J011": "write one series name of letters and digits, such as bionic",
    "J012": "write a base as ubuntu@22.04",
    "J013": "write `applications:` with at least one application",
    "J014": "give the application a body with at least `charm:`, or take it out",
    "J015": "take machines (or series) out of a Kubernetes bundle",
    "J020": "name machines by numbers without leading zeros: 0, 1, 2",
    "J021": "place a unit on it with `to:`, or take the machine out",
    "J022": "mend the constraint; names are arch, cores, mem, root-disk, tags, zones, spaces, ...",
    "J030": "name the charm in `charm:`",
    "J031": "mend the path (it starts from the bundle's folder), or pack or fetch the charm there",
    "J032": "write the charm as this Juju reads it: cs:~user/name-1 up to 2.9, a name from 2.9 on",
    "J033": "write the series in one place only",
    "J034": "take the revision out of the URL and write `revision:` and `channel:`",
    "J035": "write a revision of zero or more",
    "J036": "write a storage directive as POOL,COUNT,SIZE with a name of small letters",
    "J037": "write a device directive as COUNT,TYPE with a name of small letters",
    "J038": "name offers and their endpoints in small letters",
    "J039": "write a resource as its revision number or the path of a file, under its name",
    "J040": "write `num_units` as zero or more",
    "J041": "use either expose or exposed-endpoints, with CIDRs such as 10.0.0.0/8",
    "J042": "rename the saas entry or the application",
    "J043": "write the offer's URL as CONTROLLER:USER/MODEL.OFFER",
    "J050": "raise `num_units` or take placements out of `to:`",
    "J051": "write a placement as 0, lxd:0, new, APP, APP/0 or lxd:APP/0",
    "J052": "define what the placement names, or name another",
    "J053": "write a Kubernetes placement as key=value pairs, one directive",
    "J060": "write a relation as two ends: [app:endpoint, app:endpoint]",
    "J061": "write an end as app or app:endpoint in small letters",
    "J062": "define the application, or take the relation out",
    "J063": "relate two different applications",
    "J064": "keep the relation once",
    "J065": "write the endpoint behind the application: app:endpoint",
    "J066": "name an endpoint that the charm has",
    "J067": "relate a providing endpoint to a requiring one",
    "J068": "relate endpoints of the same interface",
    "J070": "fetch the charm, or name one that exists",
    "J071": "take num_units and `to:` out; a subordinate follows its principal",
    "J072": "use an option that the charm has, with a value of its type",
    "J073": "bind an endpoint that the charm has",
}


@dataclass(slots=True)
class Report:
    """The bundle under judgement and what was found.

    ``refs`` counts, per machine id, the placements that name it.
    """

    bundle: Bundle
    juju: Juju
    findings: list[Finding] = field(default_factory=list[Finding])
    refs: dict[str, int] = field(default_factory=dict[str, int])

    def say(self, rule: str, path: KeyPath, message: str) -> None:
        """Add one finding in Juju's words."""
        self.findings.append(Finding(rule, Severity.ERROR, "juju", path, message, FIXES[rule]))
