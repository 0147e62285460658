"""The values that Juju accepts for the options of a model.

Source: juju/juju environs/config/config.go (`Validate`), with the types of its table
``configSchema``: a boolean as Go's strconv.ParseBool reads it, a number as juju/schema's ForceInt
does, a duration as Go's time.ParseDuration, and a size as juju/utils ParseSize. Options that have
another form, such as cloudinit-userdata, are left to Juju.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from ...findings import suggest
from ...juju import Juju
from .model_config_keys import BOOLEAN_KEYS, NUMBER_KEYS, known_keys

_BOOLEANS = ["1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"]
_DURATION = re.compile(r"[+-]?(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h))+)")
_SIZE = re.compile(r"([0-9]+(\.[0-9]*)?|\.[0-9]+)([MGTPEZY](B|iB)?)?")
_WORKERS_LIMITS = {"num-provision-workers": 100, "num-container-provision-workers": 25}
_DURATION_KEYS = (
    "max-action-results-age",
    "max-status-history-age",
    "update-status-hook-interval",
)
_SIZE_KEYS = ("max-action-results-size", "max-status-history-size")
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "container-networking-method": ("", "fan", "local", "provider"),
    "provisioner-harvest-mode": ("all", "none", "unknown", "destroyed"),
}
# Several of these are written with commas between them.
_LIST_CHOICES: Mapping[str, tuple[str, ...]] = {
    "container-inherit-properties": ("apt-primary", "apt-sources", "apt-security", "ca-certs"),
    "logging-output": ("database", "syslog"),
    "mode": ("requires-prompts", "strict"),
}
_NETWORK_KEYS = ("egress-subnets", "saas-ingress-allow", "ssh-allow")


class ValueProblem(NamedTuple):
    """The problem of a value.

    Attributes:
        message: What is wrong.
        fix: What to write.
    """

    message: str
    fix: str


def value_problem(key: str, text: str, juju: Juju) -> ValueProblem | None:
    """Return why a Juju release refuses a value of an option; None when it accepts the value.

    A release stores an option that it does not know with any value.

    Args:
        key: The option.
        text: Its value, as the command `juju model-config` gets it.
        juju: The release.
    """
    check = next((check for keys, check in _CHECKS if key in keys), None)
    is_known = key in known_keys(juju)
    return check(key, text, juju) if check and is_known else None


def _check_boolean(key: str, text: str, _: Juju) -> ValueProblem | None:
    return None if text in _BOOLEANS else _problem(key, text, "neither true nor false", "true")


def _check_number(key: str, text: str, _: Juju) -> ValueProblem | None:
    number = _read_number(text)
    if number is None:
        return _problem(key, text, "not a number", "a whole number, such as 17")
    limit = _WORKERS_LIMITS.get(key)
    if limit is not None and number > limit:
        return _problem(key, text, f"more than {limit}", f"a number up to {limit}")
    return None


def _read_number(text: str) -> float | None:
    """Return a number as Go's ParseInt (with any base) or else ParseFloat reads it."""
    if not (text.isascii() and text.isprintable()) or " " in text:
        return None
    for read in (lambda: float(int(text, 0)), lambda: float(text)):
        try:
            return read()
        except (ValueError, OverflowError):
            continue
    return None


def _check_duration(key: str, text: str, _: Juju) -> ValueProblem | None:
    # Juju means to refuse a hook interval below 1m and above 60m, but its code returns no error.
    if _DURATION.fullmatch(text):
        return None
    return _problem(key, text, "not a duration with units", "one such as 336h or 5m")


def _check_size(key: str, text: str, _: Juju) -> ValueProblem | None:
    if _SIZE.fullmatch(text):
        return None
    return _problem(key, text, "not a size", "one such as 5G, with M, G, T, P, E, Z or Y")


def _check_choice(key: str, text: str, juju: Juju) -> ValueProblem | None:
    # Juju 4.0 does not check the words of these options.
    is_wrong = juju < Juju.V4_0 and text not in _CHOICES[key]
    return _wrong_choice(key, text, _CHOICES[key]) if is_wrong else None


def _check_list(key: str, text: str, juju: Juju) -> ValueProblem | None:
    if key == "mode" and juju < Juju.V3_6:  # There, it is a list, and not a text with commas.
        return None
    choices = _LIST_CHOICES[key]
    words = [word.strip() for word in text.split(",") if word.strip()]
    wrong = next((word for word in words if word not in choices), None)
    return None if wrong is None else _wrong_choice(key, wrong, choices)


def _wrong_choice(key: str, word: str, choices: tuple[str, ...]) -> ValueProblem:
    *first, last = filter(None, choices)
    return ValueProblem(
        f"Juju refuses {word!r} for {key}",
        suggest(word, choices, f"write {', '.join(first)} or {last}"),
    )


def _check_networks(key: str, text: str, _: Juju) -> ValueProblem | None:
    for network in text.split(",") if text else ():
        # Juju removes white space from those of egress-subnets only.
        cidr = network.strip() if key == "egress-subnets" else network
        if not _is_cidr(cidr):
            return _problem(key, network, "not a network", "networks such as 10.0.0.0/24")
        if key == "egress-subnets" and cidr == "0.0.0.0/0":
            return _problem(key, network, "all addresses", "smaller networks")
    if key == "saas-ingress-allow" and not text:
        return _problem(key, text, "empty", "networks such as 10.0.0.0/24")
    return None


def _is_cidr(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    prefix = text.partition("/")[2]
    return prefix.isdecimal()


def _problem(key: str, text: str, reason: str, example: str) -> ValueProblem:
    return ValueProblem(f"Juju refuses {text!r} for {key}: it is {reason}", f"write {example}")


_CHECKS: tuple[
    tuple[tuple[str, ...] | frozenset[str], Callable[[str, str, Juju], ValueProblem | None]], ...
] = (
    (BOOLEAN_KEYS, _check_boolean),
    (NUMBER_KEYS, _check_number),
    (_DURATION_KEYS, _check_duration),
    (_SIZE_KEYS, _check_size),
    (tuple(_CHOICES), _check_choice),
    (tuple(_LIST_CHOICES), _check_list),
    (_NETWORK_KEYS, _check_networks),
)
