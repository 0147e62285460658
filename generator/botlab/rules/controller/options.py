"""Refusals of an application's options: unknown names, and values of the wrong type.

Source: juju/charm config.go ``ParseSettingsYAML``, which the controller of 2.6 to 3.6 calls, and
``ValidateApplicationConfig`` of 4.0.
"""

from __future__ import annotations

import math
import re

from ...bundle.go_text import BOOLEANS, format_value, quote
from ...catalogue.model import Option
from ...juju import Juju
from .deployment import Deployment

# Every application has the option `trust`, which is not the charm's.
_TRUST = "trust"
_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)
# Go's ParseInt with base 0: a prefix gives the base, and underscores may separate digits.
_GO_INTEGER = re.compile(
    r"[+-]?(0[xX](_?[0-9a-fA-F])+|0[bB](_?[01])+|0[oO]?(_?[0-7])+|0|[1-9](_?[0-9])*)", re.ASCII
)
# A longer text exceeds 64 bits, unless it begins with many zeros.
_LONGEST_NUMBER = 100
_FLOAT = re.compile(
    r"[+-]?((\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|inf|infinity|nan"
    r"|0x([0-9a-f]+(\.[0-9a-f]*)?|\.[0-9a-f]+)p[+-]?\d+)",
    re.ASCII | re.IGNORECASE,
)
_SECRET_ID = re.compile(r"(?:[0-9a-f-]{36}/)?[0-9a-v]{20}", re.ASCII)


def check_options(deployment: Deployment) -> None:
    """Check the options of the applications whose charms are known."""
    for name, application, charm in deployment.known_applications():
        for key, value in application.options.items():
            if key == _TRUST:
                continue
            setting = as_sent(value)
            option = charm.options.get(key)
            if option is None:
                reason = f"unknown option {quote(key)}"
            else:
                reason = option_problem(option, setting, deployment.juju)
            if reason:
                if deployment.juju >= Juju.V4_0:
                    reason = deployment.invalid_argument(
                        f"validating application config: {reason}"
                    )
                path = ("applications", name, "options", key)
                deployment.refuse_application("J072", path, reason)


def as_sent(value: object) -> object:
    """Return a value as the controller reads it, after the client wrote it as YAML.

    go-yaml writes a float without a fraction as a whole number, unless it needs an exponent
    (``FormatFloat`` with the format ``g``).
    """
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**6:
        return int(value)
    return value


def option_problem(option: Option, value: object, juju: Juju) -> str:
    """Return Juju's message for a value that an option does not accept; empty if it does."""
    if value is None:
        return ""
    if option.type == "secret" and juju < Juju.V4_0 and isinstance(value, str):
        return _secret_problem(option, value)
    if _accepts(option, value, juju):
        return ""
    return f"option {quote(option.name)} expected {option.type}, got {format_value(value)}"


def _accepts(option: Option, value: object, juju: Juju) -> bool:
    if option.type == "string":
        return isinstance(value, str)
    if option.type == "secret":
        return isinstance(value, str) and (not value or value.lower().startswith("secret:"))
    if option.type == "boolean":
        return isinstance(value, bool) or (isinstance(value, str) and value in BOOLEANS)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    if option.type == "int":
        return _is_integer(value, juju)
    return _is_float(value, juju)


def _is_integer(value: float | str, juju: Juju) -> bool:
    if isinstance(value, str):
        return _is_integer_text(value, juju)
    return isinstance(value, int) and -(2**63) <= value < 2**63


def _is_integer_text(text: str, juju: Juju) -> bool:
    """Return whether Go parses an integer: with base 10, at 4.0 with the base of its prefix."""
    pattern = _INTEGER if juju < Juju.V4_0 else _GO_INTEGER
    if not pattern.fullmatch(text) or len(text) > _LONGEST_NUMBER:
        return False
    digits = text.lstrip("+-").replace("_", "").lower()
    base = {"0x": 16, "0b": 2, "0o": 8}.get(digits[:2], 8 if digits[0] == "0" else 10)
    number = int(digits, base if juju >= Juju.V4_0 else 10)
    return number <= 2**63 if text.startswith("-") else number < 2**63


def _is_float(value: float | str, juju: Juju) -> bool:
    """Return whether a float option accepts a value. 4.0 does not accept strings."""
    if not isinstance(value, str):
        return True
    if juju >= Juju.V4_0 or not _FLOAT.fullmatch(value):
        return False
    return "x" in value.lower() or "n" in value.lower() or math.isfinite(float(value))


def _secret_problem(option: Option, value: str) -> str:
    """Return 3.6's message for a text that is no secret (core/secrets ``ParseURI``)."""
    if not value:
        return ""
    start = f"invalid secret URI for option {quote(option.name)}: secret URI"
    scheme, colon, rest = value.partition(":")
    if colon and scheme.lower() != "secret":
        return f"{start} scheme {quote(scheme.lower())} not valid"
    identifier = (rest if colon else value).lstrip("/")
    return "" if _SECRET_ID.fullmatch(identifier) else f"{start} {quote(value)} not valid"
