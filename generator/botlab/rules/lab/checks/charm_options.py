"""Rules about the options of any charm."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ....findings import Severity, Suggestions
from ....shell import juju_command
from ..facts import CONTROL_PLANES, INSTALLER, Facts
from ..rule import Violation, rule

_SECRET_NAME = re.compile(r"passw|token|secret|private.?key|credential", re.I)
# The end of an option's name that describes a secret, or says where it is.
_DESCRIPTIONS = (
    *("ttl", "timeout", "days", "length", "size", "policy", "encryption", "algorithm"),
    *("type", "name", "file", "path", "url"),
)
_NO_WORD = re.compile(r"\W")
# The reference of a secret that Juju stores (core/secrets), and the words for a switch.
_NO_SECRET = re.compile(r"secret:\S*|true|false", re.I)
# An option that names a Secret of the cluster, as NAMESPACE/NAME.
_REFERENCE = "tls-secret"
_DOCKER_RUNTIMES = ("auto", "nvidia", "apt", "upstream", "custom")
_PRIVILEGED = ("true", "false", "auto")
# The options with a fixed set of values, by charm. In a site's section `nfs`, the model checks
# those of nfs-server.
_ALLOWED_VALUES = {
    "docker": {"docker_runtime": _DOCKER_RUNTIMES},
    "kubernetes-worker": {
        "docker_runtime": _DOCKER_RUNTIMES,
        "allow-privileged": _PRIVILEGED,
    },
    **{charm: {"allow-privileged": _PRIVILEGED} for charm in CONTROL_PLANES},
    "containerd": {"gpu_driver": ("auto", "nvidia", "none")},
    "nfs-server": {
        "reclaim-policy": ("Delete", "Retain"),
        "on-delete": ("", "delete", "retain"),
    },
}


@rule("BL045", Severity.ERROR)
def unknown_option(facts: Facts) -> Iterator[Violation]:
    """Yield the options that the application's charm does not have."""
    suggestions = Suggestions()
    for name, application in facts.applications.items():
        charm = facts.charms.get(name)
        for key in application.options if charm else ():
            if charm and key not in charm.options and key != "trust":
                yield Violation(
                    ("applications", name, "options", key),
                    f"the charm {charm.name} has no option {key}",
                    suggestions.suggest(key, charm.options, "remove the option"),
                )


@rule("BL046", Severity.ERROR)
def option_value_not_allowed(facts: Facts) -> Iterator[Violation]:
    """Yield the options with a fixed set of values that have another value."""
    for charm, options in _ALLOWED_VALUES.items():
        for name, application in facts.applications_of(charm):
            for key, allowed in options.items():
                setting = application.options.get(key)
                text = str(setting).lower() if isinstance(setting, bool) else setting
                if setting is not None and text not in allowed:
                    yield Violation(
                        ("applications", name, "options", key),
                        f"the option {key} of {name} does not accept {setting!r}",
                        f"use one of {', '.join(filter(None, allowed))}",
                    )


@rule("BL047", Severity.WARNING)
def secret_in_option(facts: Facts) -> Iterator[Violation]:
    """Yield the options that hold a secret, judged by their names. The value is never shown."""
    installers = {name for name, _ in facts.applications_of(INSTALLER)}
    for name, application in facts.applications.items():
        for key, setting in application.options.items():
            is_reference = name in installers and key == _REFERENCE
            if isinstance(setting, str) and _is_secret(key, setting) and not is_reference:
                yield Violation(
                    ("applications", name, "options", key),
                    f"the option {key} of {name} seems to hold a secret in plain text",
                    "remove it and set it after the deploy:"
                    f" {juju_command('config', name, f'{key}=...')}",
                )


def is_description(key: str) -> bool:
    """Return whether the end of an option's name describes a secret, or says where it is."""
    return key.endswith(_DESCRIPTIONS) or "expir" in _NO_WORD.split(key)[-1]


def _is_secret(key: str, setting: str) -> bool:
    """Return whether an option seems to hold a secret itself."""
    has_name = _SECRET_NAME.search(key) and not is_description(key.lower())
    return bool(has_name and setting and not _NO_SECRET.fullmatch(setting))
