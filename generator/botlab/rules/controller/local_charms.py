"""Refusals of local charms: a channel, and a series or base that the charm does not support.

Source: the client's ``addCharm`` and ``addApplication``, with ``NewCharmAtPath`` (charmrepo at
2.6, core/charm at 2.9) and ``BaseSelector`` (core/charm at 3.6 and 4.0).
"""

from __future__ import annotations

from ...bundle.charm_url import charm_name
from ...bundle.go_text import quote
from ...bundle.model import Application
from ...findings import KeyPath
from ...juju import Juju
from .deployment import Deployment

# The channel under which the client stores a local charm.
_LOCAL_CHANNELS = ("", "stable")
_RISKS = ("stable", "candidate", "beta", "edge")
# Ubuntu releases that neither 3.6 nor 4.0 supports (core/base/supported.go). Which later releases
# 3.6 supports depends on the distro-info of the client's machine.
_LAST_UNSUPPORTED = (19, 10)


def check_local_charms(deployment: Deployment) -> None:
    """Check the local charms of the bundle."""
    for name, application in deployment.applications.items():
        path: KeyPath = ("applications", name)
        if deployment.is_local(name) and deployment.juju >= Juju.V2_9:
            _check_channel(deployment, application, path)
        if name in deployment.local_files and not deployment.is_kubernetes:
            _check_platform(deployment, name, application, path)


def _check_channel(deployment: Deployment, application: Application, path: KeyPath) -> None:
    channel = application.channel
    if channel in _LOCAL_CHANNELS:
        return
    name = str(path[1])
    message = _channel_problem(channel)
    if not message:
        charm = deployment.charms.get(name)
        charm_text = charm.name if charm else charm_name(application.charm)
        if deployment.juju >= Juju.V4_0:
            charm_text = f"local:{charm_text}-{_revision(deployment, name)}"
        message = f"unexpected charm {quote(charm_text)}, charm not found for application"
        message = f"{message} {quote(name)}"
    deployment.refuse("J102", (*path, "channel"), message)


def _channel_problem(channel: str) -> str:
    """Return Juju's message for a channel that cannot be parsed (juju/charm ``ParseChannel``)."""
    parts = channel.split("/")
    if len(parts) > 3:
        return f"channel is malformed and has too many components {quote(channel)}"
    has_track = len(parts) == 3 or parts[0] not in _RISKS
    names = ("track", "risk", "branch") if has_track else ("risk", "branch")
    for kind, part in zip(names, parts, strict=False):
        if not part or (kind == "risk" and part not in _RISKS):
            return f"{kind} in channel {quote(channel)} not valid"
    return ""


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
    problem = _base_problem(
        deployment.juju, deployment.supported_platforms(name), deployment.platform(application)
    )
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
    if system != "ubuntu" or len(parts) != 2 or not all(part.isdecimal() for part in parts):
        return False
    return (int(parts[0]), int(parts[1])) <= _LAST_UNSUPPORTED
