"""Rules about parts of a site that its profile does not use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....findings import KeyPath, Severity
from ..facts import Facts
from ..rule import CLUSTER_KEYS, PLACEMENT_KEYS, Violation, rule

if TYPE_CHECKING:
    # A bundle is checked without loading the models of a site, which takes 30 ms.
    from ....site.model import Site
    from ....site.section import Section


@rule("BL126", Severity.WARNING, depends_on=CLUSTER_KEYS)
def key_without_effect(facts: Facts) -> Iterator[Violation]:
    """Yield the keys of the site that have a value and for which the profile has no option."""
    if facts.site is None or facts.profile is None:
        return
    for key, texts in facts.profile.unused_keys.items():
        path = tuple(key.split("."))
        if _differs_from_default(facts.site, path):
            yield Violation(
                path,
                f"with the profile {facts.profile.name}, {key} {texts['problem']}",
                texts["fix"],
                in_site=True,
            )


def _differs_from_default(site: Site, path: KeyPath) -> bool:
    section, key = (str(part).replace("-", "_") for part in path)
    model: Section = getattr(site, section)
    value: object = getattr(model, key)
    default: object = type(model).model_fields[key].get_default()
    return value != default


@rule("BL127", Severity.WARNING, depends_on=PLACEMENT_KEYS + CLUSTER_KEYS)
def role_without_application(facts: Facts) -> Iterator[Violation]:
    """Yield the roles of machines that no application of the profile has."""
    if facts.site is None or facts.profile is None:
        return
    roles = facts.profile.roles
    # BL152 reports the roles in a site whose cluster Juju does not manage.
    for name, machine in facts.site.machines.items() if roles else ():
        for index, role in enumerate(machine.roles):
            if role.value not in roles:
                yield Violation(
                    ("machines", name, "roles", index),
                    f"the profile {facts.profile.name} has no application for the role"
                    f" {role.value}",
                    f"remove the role {role.value} from {name}",
                    in_site=True,
                )
