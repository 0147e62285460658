"""The findings of Juju's rules while a bundle is checked."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from ...bundle.model import Bundle
from ...findings import Finding, KeyPath, Severity, Suggestions, When
from ...juju import Juju
from .fixes import FIXES


@dataclass
class Report:
    """The bundle that is checked, and the findings so far.

    Attributes:
        bundle: The bundle.
        juju: The release whose rules apply.
        in_base: Whether the bundle is a base without overlays, which Juju verifies alone.
        findings: The findings so far.
        placement_counts: For each machine, the number of placements that name it.
    """

    bundle: Bundle
    juju: Juju
    in_base: bool = False
    findings: list[Finding] = field(default_factory=list[Finding])
    placement_counts: dict[str, int] = field(default_factory=dict[str, int])
    _suggestions: Suggestions = field(default_factory=Suggestions, init=False, repr=False)

    @property
    def is_refused(self) -> bool:
        """Whether Juju's client refuses the bundle."""
        return any(finding.when == "dry-run" for finding in self.findings)

    def similar_application(self, name: str) -> str:
        """Return a fix with an application whose name is similar; empty if there is none."""
        names = itertools.chain(self.bundle.applications, self.bundle.saas)
        return self._suggestions.suggest(name, names, "")

    def add(
        self,
        rule_id: str,
        path: KeyPath,
        message: str,
        when: When = "dry-run",
        *,
        fix: str = "",
    ) -> None:
        """Add a finding with a message of Juju's, and the moment at which Juju says it.

        Args:
            rule_id: The rule.
            path: The key that Juju refuses.
            message: Juju's message.
            when: The moment.
            fix: What to do; by default what the rule's fixes say.
        """
        fix = fix or FIXES[rule_id]
        self.findings.append(
            Finding(rule_id, Severity.ERROR, "juju", path, message, fix, when=when)
        )
