"""Juju 3.6's check that a series and a base beside it name the same release.

Source: ``verifyMixedSeriesBasesMatch`` in ``cmd/juju/application/bundle``. The client shows the
result only together with other errors.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...bundle.bases import base_error, series_of_base
from ...bundle.go_text import quote
from ...bundle.model import Bundle
from ...findings import KeyPath
from ...juju import Juju


def mixed_base_problem(bundle: Bundle, juju: Juju) -> tuple[KeyPath, str] | None:
    """Return the path and Juju's message of the first series that differs from its base."""
    if juju is not Juju.V3_6:
        return None
    for path, owner, series, base in _pairs(bundle):
        problem = _problem(owner, series, base) if series and base else ""
        if problem:
            return path, problem
    return None


def _pairs(bundle: Bundle) -> Iterator[tuple[KeyPath, str, str, str]]:
    yield ("default-base",), "bundle", bundle.series, bundle.default_base
    for name, machine in bundle.machines.items():
        if machine is not None:
            path = ("machines", name, "base")
            yield path, f"machine {quote(name)}", machine.series, machine.base
    for name, application in bundle.applications.items():
        if application is not None:
            path = ("applications", name, "base")
            yield path, f"application {quote(name)}", application.series, application.base


def _problem(owner: str, series: str, base: str) -> str:
    problem = base_error(base)
    if problem:
        return problem
    expected = series_of_base(base)
    if not expected:
        system, _, channel = base.partition("@")
        track = channel.partition("/")[0]
        return f"os {quote(system)} version {quote(track)} not found"
    if expected == series:
        return ""
    return f"{owner} series {quote(series)} and base {quote(base)} must match if both supplied"
