"""The files that the bundle names: charms and resources."""

from __future__ import annotations

import os.path
from collections.abc import Iterator, Mapping
from pathlib import Path

from ...bundle.charm_url import is_local_path
from ...bundle.constraints import architecture_in
from ...bundle.go_path import join_path
from ...bundle.model import Application, Bundle, Machine
from ...catalogue.model import Charm
from ...catalogue.profiles import OWN_CHARMS
from ...shell import charms_command
from .check import Check, failed, passed

_DEFAULT_ARCHITECTURE = "amd64"


def check_files(bundle: Bundle, charms: Mapping[str, Charm]) -> Iterator[Check]:
    """Check that all files of a bundle exist and that the charms have the right architecture.

    Args:
        bundle: The bundle. Its directory is where relative paths start.
        charms: The facts of the charms that could be read, by application name.
    """
    checks = [
        check
        for name, application in bundle.applications.items()
        if application is not None
        for check in _application_checks(bundle, name, application, charms.get(name))
    ]
    if all(check.is_ok for check in checks) and checks:
        yield passed("files", f"{len(checks)} charms and resources are present")
    yield from (check for check in checks if not check.is_ok)


def _application_checks(
    bundle: Bundle, name: str, application: Application, charm: Charm | None
) -> Iterator[Check]:
    if is_local_path(application.charm):
        yield _charm_check(bundle, name, application, charm)
    for resource, source in application.resources.items():
        if isinstance(source, str) and is_local_path(source):
            yield _resource_check(bundle, name, resource, source)


def _charm_check(
    bundle: Bundle, name: str, application: Application, charm: Charm | None
) -> Check:
    path = join_path(bundle.directory, application.charm)
    if not os.path.exists(path):  # noqa: PTH110 - accepts names of any length
        return failed(
            f"charm {name}",
            f"{path} does not exist",
            _missing_fix(Path(path)),
        )
    needed = _architectures(bundle, application)
    packed = charm.architectures if charm else frozenset[str]()
    missing = sorted(needed - packed) if packed else []
    if missing:
        return failed(
            f"charm {name}",
            f"{path} is packed for {', '.join(sorted(packed))}, and the machines are"
            f" {', '.join(missing)}",
            "name the archive of that architecture in the site file (applications:"
            f" {name}: charm), or write it: {charms_command(Path(path).parent, missing[0])}",
        )
    return passed(f"charm {name}", f"{path} is present")


def _missing_fix(path: Path) -> str:
    """Return how to get the file of a charm, of this project or of another one."""
    if path.name.removesuffix(".charm").partition("_")[0] in OWN_CHARMS:
        return charms_command(path.parent)
    return "put the file there (juju download NAME)"


def _architectures(bundle: Bundle, application: Application) -> frozenset[str]:
    """Return the architectures of the machines of a principal; empty for a subordinate."""
    if not application.num_units:
        return frozenset()
    constraints = [application.constraints]
    constraints += [machine.constraints for machine in _machines(bundle, application)]
    named = {architecture_in(text) for text in constraints} - {""}
    return frozenset(named or {_DEFAULT_ARCHITECTURE})


def _machines(bundle: Bundle, application: Application) -> Iterator[Machine]:
    for placement in application.to:
        machine = bundle.machines.get(placement.rpartition(":")[2])
        if machine is not None:
            yield machine


def _resource_check(bundle: Bundle, name: str, resource: str, source: str) -> Check:
    path = join_path(bundle.directory, source)
    if os.path.isfile(path):  # noqa: PTH113 - accepts names of any length
        return passed(f"resource {resource} of {name}", f"{path} is present")
    return failed(
        f"resource {resource} of {name}",
        f"{path} is not a file",
        f"put the file there, or remove the resource from applications: {name}: resources in the"
        " site file",
    )
