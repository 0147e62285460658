"""Refusals of relations: endpoints, limits, bases, and offers of other models.

Source: state ``AddRelation`` up to 3.6, domain/relation/state ``addRelation`` at 4.0.
"""

from __future__ import annotations

from collections import Counter

from ...bundle.go_text import quote
from ...bundle.relation import RelationEnd, parse_relation_end
from ...catalogue.model import Charm
from ...findings import KeyPath
from ...juju import Juju
from .deployment import Deployment
from .endpoints import (
    ApplicationEndpoint,
    Ends,
    Inferrer,
    Pair,
    has_container_scope,
    relation_key,
)


def check_relations(deployment: Deployment) -> None:
    """Check all relations, in the order in which they are added."""
    checker = _RelationChecker(deployment)
    for index, texts in enumerate(deployment.bundle.relations):
        ends = tuple(filter(None, map(parse_relation_end, texts)))
        if len(texts) == 2 and len(ends) == 2 and ends[0].application != ends[1].application:
            checker.check((ends[0], ends[1]), ("relations", index))


class _RelationChecker:
    """Checks the relations of a bundle, and counts them by endpoint."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._juju = deployment.juju
        self._inferrer = Inferrer(deployment.juju)
        self._keys: set[str] = set()
        self._counts: Counter[str] = Counter()

    def check(self, ends: Ends, path: KeyPath) -> None:
        """Check a relation as far as the charms of its ends are known."""
        saas = [end for end in ends if end.application in self._deployment.bundle.saas]
        charms = [self._charm(end) for end in ends if end not in saas]
        if len(saas) == 1 and charms[0] is not None:
            local = ends[0] if ends[1] in saas else ends[1]
            self._check_offer(ends, local, charms[0], path)
        elif not saas and charms[0] is not None and charms[1] is not None:
            self._check_pair(ends, (charms[0], charms[1]), path)

    def _charm(self, end: RelationEnd) -> Charm | None:
        has_body = end.application in self._deployment.applications
        return self._deployment.charms.get(end.application) if has_body else None

    def _refuse(self, rule_id: str, ends: Ends, reason: str, path: KeyPath) -> None:
        between = f"{quote(str(ends[0]))} and {quote(str(ends[1]))}"
        if self._juju >= Juju.V4_0:
            reason = f"adding relation between endpoints {between}: {reason}"
        message = f"cannot add relation between {between}: {reason}"
        self._deployment.refuse(rule_id, path, message)

    def _refuse_endpoints(self, rule_id: str, ends: Ends, reason: str, path: KeyPath) -> None:
        if self._juju >= Juju.V4_0:
            names = f"{quote(str(ends[0]))} and {quote(str(ends[1]))}"
            reason = f"cannot relate endpoints {names}: {reason}"
        self._refuse(rule_id, ends, reason, path)

    def _refuse_pair(
        self, rule_id: str, ends: Ends, pair: Pair, reason: str, path: KeyPath
    ) -> None:
        """Refuse a relation whose endpoints match."""
        if self._juju >= Juju.V4_0:
            start = f"cannot add relation {quote(str(ends[0]))}, {quote(str(ends[1]))}"
            reason = f"{start}: relation {pair[0]} {pair[1]}: {reason}"
        else:
            reason = f"cannot add relation {quote(relation_key(pair))}: {reason}"
        self._refuse(rule_id, ends, reason, path)

    def _check_pair(self, ends: Ends, charms: tuple[Charm, Charm], path: KeyPath) -> None:
        inference = self._inferrer.infer(ends, charms)
        pair = inference.pair
        if pair is None:
            self._refuse_endpoints(inference.rule_id, ends, inference.reason, path)
            return
        key = relation_key(pair)
        if key in self._keys:
            return  # Juju's client ignores that the relation exists.
        self._keys.add(key)
        if self._juju >= Juju.V4_0:
            self._check_platforms(ends, pair, path)
            self._check_limits(ends, pair, path)
        else:
            self._check_limits(ends, pair, path)
            self._check_platforms(ends, pair, path)

    def _check_limits(self, ends: Ends, pair: Pair, path: KeyPath) -> None:
        """Check the limits of both endpoints. 2.6 does not have them."""
        for end in pair:
            limit = end.endpoint.limit
            self._counts[str(end)] += 1
            is_exceeded = limit > 0 and self._counts[str(end)] > limit
            if is_exceeded and self._juju >= Juju.V2_9:
                reason = (
                    f"establishing a new relation for {end} would exceed its maximum relation"
                    f" limit of {limit}"
                )
                self._refuse_pair("J109", ends, pair, reason, path)
                return

    def _check_platforms(self, ends: Ends, pair: Pair, path: KeyPath) -> None:
        """Check that a subordinate and its principal can share a machine.

        Up to 3.6 the charms must have a series or base in common. 4.0 compares the bases of the
        applications.
        """
        if not has_container_scope(pair):
            return
        first, second = (self._platforms(end) for end in pair)
        if not first or not second or first & second:
            return
        if self._juju >= Juju.V4_0:
            names = " and ".join(quote(end.application) for end in pair)
            reason = f"no compatible bases found for application {names}"
        else:
            noun = "series" if self._juju < Juju.V3_6 else "bases"
            reason = f"principal and subordinate applications' {noun} must match"
        self._refuse_pair("J110", ends, pair, reason, path)

    def _platforms(self, end: ApplicationEndpoint) -> set[str]:
        """Return the series or bases that an end of a relation allows; empty when not known."""
        deployment, name = self._deployment, end.application
        own = deployment.application_platform(name)
        platforms = [own] if self._juju >= Juju.V4_0 else deployment.supported_platforms(name)
        if not platforms and self._juju < Juju.V3_6 and name in deployment.local_files:
            platforms = [own]  # A charm without series has the application's.
        return {platform.partition("/")[0] for platform in platforms if platform}

    def _check_offer(self, ends: Ends, local: RelationEnd, charm: Charm, path: KeyPath) -> None:
        """Check a relation with an offer of another model, whose endpoints are not known.

        No release relates a container-scoped endpoint to an offer. 4.0 does not look at the scope
        when the application is a subordinate.
        """
        endpoint = charm.endpoints.get(local.relation)
        if endpoint is None or endpoint.scope != "container":
            return
        if self._juju < Juju.V4_0:
            self._refuse_endpoints("J111", ends, "no relations found", path)
        elif not charm.subordinate:
            reason = "no compatible endpoints found between applications"
            self._refuse_endpoints("J111", ends, reason, path)
