"""Refusals of local charms: a channel, and a series or base that the charm does not support.

Source: the client's ``addCharm`` and ``addApplication``, with ``NewCharmAtPath`` (charmrepo at
2.6, core/charm at 2.9) and ``BaseSelector`` (core/charm at 3.6 and 4.0).
"""

from __future__ import annotations

import os.path

from ...bundle.channels import channel_error
from ...bundle.charm_url import charm_name, is_local_path
from ...bundle.go_text import quote
from ...bundle.model import Application
from ...decimals import bounded_int, is_decimal
from ...findings import KeyPath
from ...juju import Juju
from .deployment import Deployment

# The channel under which the client stores a local charm.
_LOCAL_CHANNELS = ("", "stable")
# Ubuntu releases that neither 3.6 nor 4.0 supports (core/base/supported.go). Which later releases
# 3.6 supports depends on the distro-info of the client's machine.
_LAST_UNSUPPORTED = (19, 10)


def check_local_charms(deployment: Deployment) -> None:
    """Check the local charms of the bundle."""
    for name, application in deployment.applications.items():
        path: KeyPath = ("applications", name)
        if deployment.is_local(name) and deployment.juju >= Juju.V2_9:
            _check_channel(deployment, application, path)
        if deployment.juju >= Juju.V4_0 and os.path.isdir(deployment.file_path(application.charm)):  # noqa: PTH112 - accepts names of any length
            _refuse_directory(deployment, application, path)
        elif name in deployment.local_files and not deployment.is_kubernetes:
            _check_platform(deployment, name, application, path)


def _refuse_directory(deployment: Deployment, application: Application, path: KeyPath) -> None:
    """Refuse a charm that is not packed, which 4.0 reads at once if it needs the charm's base."""
    if not is_local_path(application.charm):
        return
    file = deployment.file_path(application.charm)
    if application.base:
        message = f"cannot deploy local charm at {quote(file)}: deploying from directory not"
        deployment.refuse("J114", (*path, "charm"), f"{message} supported")
    else:
        deployment.refuse("J114", (*path, "charm"), f"read {file}: is a directory", "dry-run")


def _check_channel(deployment: Deployment, application: Application, path: KeyPath) -> None:
    channel = application.channel
    if channel in _LOCAL_CHANNELS:
        return
    name = str(path[1])
    message = channel_error(channel)
    if not message:
        charm = deployment.charms.get(name)
        charm_text = charm.name if charm else charm_name(application.charm)
        if deployment.juju >= Juju.V4_0:
            charm_text = f"local:{charm_text}-{_revision(deployment, name)}"
        message = f"unexpected charm {quote(charm_text)}, charm not found for application"
        message = f"{message} {quote(name)}"
    deployment.refuse("J102", (*path, "channel"), message)


def _revision(deployment: Deployment, name: str) -> int:
    """Return the number of earlier uploads of a charm, which the controller counts.

    Applications are deployed in the order of their names. Each channel is a new upload.
    """
    charm, channel = deployment.applications[name].charm, deployment.applications[name].channel
    earlier = {
        application.channel
        for other_name, application in deployment.applications.items()
        if application.charm == charm and other_name < name
    }
    return len(earlier - {channel})


def _check_platform(
    deployment: Deployment, name: str, application: Application, path: KeyPath
) -> None:
    if deployment.juju < Juju.V3_6:
        _check_series(deployment, name, application, path)
        return
    charm, supported = deployment.charms[name], deployment.supported_platforms(name)
    if deployment.juju >= Juju.V4_0 and charm.manifest is None:
        when = "deploy" if application.base else "dry-run"
        deployment.refuse("J107", (*path, "charm"), "charm without manifest not valid", when)
        return
    if not supported and (charm.bases or charm.series):
        return  # The base of a series is not known.
    problem = _base_problem(deployment.juju, supported, deployment.platform(application))
    if problem:
        key = "base" if application.base or not application.series else "series"
        deployment.refuse("J107", (*path, key), problem)


def _check_series(
    deployment: Deployment, name: str, application: Application, path: KeyPath
) -> None:
    """Check a series as 2.6 and 2.9 do when they upload the charm.

    2.9 refuses the bundle's series in a dry run already, where an application has none.
    """
    is_2_6 = deployment.juju < Juju.V2_9
    series = application.series or (deployment.bundle.series if is_2_6 else "")
    supported = deployment.supported_platforms(name)
    if series and supported and series not in supported:
        start = f"cannot deploy local charm at {quote(deployment.file_path(application.charm))}"
        names = ",".join(supported)
        reason = f"series {quote(series)} not supported by charm, supported series are: {names}"
        deployment.refuse("J107", (*path, "series"), f"{start}: {reason}")


def _base_problem(juju: Juju, charm_bases: list[str], requested: str) -> str:
    """Return the message of 3.6 or 4.0 for a base that the charm or Juju does not support."""
    if not charm_bases:
        return "charm does not define any bases, not valid"
    supported = [base for base in charm_bases if not _is_unsupported(base)]
    if not supported:
        return f"the charm defined bases {quote(_listed(charm_bases))} not supported"
    if not requested or _track(requested) in map(_track, supported):
        return ""
    if _is_unsupported(requested):
        return f"base: {requested}" + (" not supported" if juju >= Juju.V4_0 else "")
    return f"base {quote(requested)} is not supported, supported bases are: {_listed(supported)}"


def _listed(bases: list[str]) -> str:
    return ", ".join(map(_track, bases))


def _track(base: str) -> str:
    """Return a base without its risk, as Juju shows and compares it."""
    return base.partition("/")[0]


def _is_unsupported(base: str) -> bool:
    system, _, version = _track(base).partition("@")
    parts = version.split(".")
    if system != "ubuntu" or len(parts) != 2 or not all(is_decimal(part) for part in parts):
        return False
    return (bounded_int(parts[0]), bounded_int(parts[1])) <= _LAST_UNSUPPORTED
