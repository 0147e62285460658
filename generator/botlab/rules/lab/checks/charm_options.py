"""Rules about the options of any charm."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ....findings import Severity, suggest
from ..facts import Facts
from ..rule import Violation, rule

_SECRET_NAME = re.compile(r"passw|token|secret|private.?key|credential", re.I)
_ALLOWED_VALUES = {
    "docker_runtime": ("auto", "nvidia", "apt", "upstream", "custom"),
    "gpu_driver": ("auto", "nvidia", "none"),
    "allow-privileged": ("true", "false", "auto"),
    # Options of nfs-server. In a site's section `nfs`, the model checks them.
    "reclaim-policy": ("Delete", "Retain"),
    "on-delete": ("", "delete", "retain"),
}


@rule("BL045", Severity.ERROR)
def unknown_option(facts: Facts) -> Iterator[Violation]:
    """Yield the options that the application's charm does not have."""
    for name, application in facts.applications.items():
        charm = facts.charms.get(name)
        for key in application.options if charm else ():
            if charm and key not in charm.options and key != "trust":
                yield Violation(
                    ("applications", name, "options", key),
                    f"the charm {charm.name} has no option {key}",
                    suggest(key, charm.options, "remove the option"),
                )


@rule("BL046", Severity.ERROR)
def option_value_not_allowed(facts: Facts) -> Iterator[Violation]:
    """Yield the options with a fixed set of values that have another value."""
    for name, application in facts.applications.items():
        for key, allowed in _ALLOWED_VALUES.items():
            setting = application.options.get(key)
            text = str(setting).lower() if isinstance(setting, bool) else setting
            if setting is not None and text not in allowed:
                yield Violation(
                    ("applications", name, "options", key),
                    f"the option {key} of {name} does not accept {setting!r}",
                    f"use one of {', '.join(allowed)}",
                )


@rule("BL047", Severity.WARNING)
def secret_in_option(facts: Facts) -> Iterator[Violation]:
    """Yield the options that hold a secret, judged by their names. The value is never shown."""
    for name, application in facts.applications.items():
        for key, setting in application.options.items():
            if _SECRET_NAME.search(key) and isinstance(setting, str) and setting:
                yield Violation(
                    ("applications", name, "options", key),
                    f"the option {key} of {name} seems to hold a secret in plain text",
                    f"remove it and set it after the deploy: juju config {name} {key}=...",
                )
