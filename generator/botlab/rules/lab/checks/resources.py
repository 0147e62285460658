"""Rules about the resources that an application is given."""

from __future__ import annotations

import os.path
from collections.abc import Iterator

from ....bundle.go_path import join_path
from ....bundle.model import KUBERNETES
from ....findings import Severity, Suggestions, listed
from ..facts import Facts
from ..rule import Violation, rule

# A text that starts like this cannot be an image of a registry.
_PATH_STARTS = ("/", "./", "../")


@rule("BL083", Severity.ERROR)
def wrong_file_extension(facts: Facts) -> Iterator[Violation]:
    """Yield the resource files whose names end differently from the charm's own file name."""
    for name, application in facts.applications.items():
        charm = facts.charms.get(name)
        for resource, source in application.resources.items() if charm else ():
            expected = _extension(charm.resource_files.get(resource, "")) if charm else ""
            if expected and isinstance(source, str) and _extension(source) != expected:
                yield Violation(
                    ("applications", name, "resources", resource),
                    f"the resource {resource} of {name} cannot be {source}, because the file's"
                    f" name must end in {expected}",
                    "rename the file, or convert it to the format that the charm expects",
                )


def _extension(path: str) -> str:
    """Return what Go's path.Ext returns: the last element's text from its last dot on."""
    base = path.rpartition("/")[2]
    return base[base.rfind(".") :] if "." in base else ""


@rule("BL084", Severity.WARNING)
def missing_resource_file(facts: Facts) -> Iterator[Violation]:
    """Yield the resources whose file does not exist."""
    for name, application in facts.applications.items():
        for resource, source in application.resources.items():
            file = _resource_file(facts, name, resource, source)
            if file and not os.path.isfile(file):  # noqa: PTH113 - accepts names of any length
                yield Violation(
                    ("applications", name, "resources", resource),
                    f"the file {file} for the resource {resource} of {name} does not exist",
                    "create the file before you run `juju deploy`, or correct its path",
                )


def _resource_file(facts: Facts, name: str, resource: str, source: object) -> str:
    """Return the path of the file that a resource comes from; empty when it may not be a file.

    A number is a revision in the store. A string may be an image if the charm is not known, or
    runs on Kubernetes (upstream: "path could be a yaml file but it may also just be a docker
    registry path").
    """
    if not isinstance(source, str):
        return ""
    charm = facts.charms.get(name)
    is_image = charm and charm.resource_types.get(resource) == "oci-image"
    needs_file = charm and not is_image and facts.bundle.type != KUBERNETES
    if not (needs_file or source.startswith(_PATH_STARTS)):
        return ""
    return join_path(facts.bundle.directory, source)


@rule("BL085", Severity.ERROR)
def unknown_resource(facts: Facts) -> Iterator[Violation]:
    """Yield the resources that the application's charm does not have."""
    suggestions = Suggestions()
    for name, application in facts.applications.items():
        charm = facts.exact_charm(name)
        existing = frozenset(charm.resources if charm and application.resources else ())
        for resource in application.resources if charm else ():
            if charm and resource not in existing:
                names = listed([*charm.resources], 50) or "none"
                choices = f"remove it; the charm has: {names}"
                yield Violation(
                    ("applications", name, "resources", resource),
                    f"the charm {charm.name} has no resource {resource}",
                    suggestions.suggest(resource, charm.resources, choices),
                )
