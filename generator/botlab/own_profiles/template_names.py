"""The names of applications in the templates of a profile.

The macros of this project leave out an application that is not deployed, so they would leave out a
mistyped one, too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ..findings import Finding, lab_error, suggest
from ..render.templates import limited_template

UNKNOWN_NAME = "PF021"
_MACROS = ("application", "relation", "single_relation", "instances")


def unknown_names(
    templates: Sequence[Path], applications: Sequence[str], is_known: Callable[[str], bool]
) -> Iterator[Finding]:
    """Yield the names in templates that are not applications.

    Args:
        templates: The templates, which have no other faults.
        applications: The names of the profile's applications.
        is_known: Function that returns whether there is a charm of a name.
    """
    for file in templates:
        for line, text in limited_template(file).literal_arguments(_MACROS):
            name = text.partition(":")[0]
            if name not in applications and not is_known(name):
                fix = suggest(name, applications, f"use one of {', '.join(applications)}")
                message = f"{text!r}: the profile has no application {name}"
                finding = lab_error(UNKNOWN_NAME, (), message, fix)
                yield dataclasses.replace(finding, file=str(file), line=line)
