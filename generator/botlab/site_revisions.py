"""The revisions of the charms that a file pins: ``charms.revisions`` of a site.

The file has the revision of each charm by its name, or it is a bundle, such as ``juju
export-bundle`` writes of a model that was tested.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

from .bundle.channels import normalized_channel
from .bundle.charm_url import charm_name
from .catalogue.profiles import (
    OWN_CHARMS,
    Profile,
    ProfileApplication,
    profile_applications,
    profile_names,
)
from .catalogue.yaml_files import load_yaml
from .errors import BotlabError
from .findings import Finding, KeyPath, Suggestions, lab_error, use_one_of
from .text_files import read_text

_KEY: KeyPath = ("charms", "revisions")
_FORM = "write NAME: REVISION for each charm, or name a file that `juju export-bundle` wrote"


class _Pin(NamedTuple):
    """A revision of a charm, with its channel if the file names one."""

    charm: str
    revision: object
    channel: str = ""

    @property
    def is_valid(self) -> bool:
        """Whether the revision is a number from 0."""
        is_number = isinstance(self.revision, int) and not isinstance(self.revision, bool)
        return is_number and cast("int", self.revision) >= 0


def pin_revisions(profile: Profile, file: Path) -> tuple[Profile, list[Finding]]:
    """Return a profile with the revisions of a file, and what is wrong with the file.

    Args:
        profile: The profile at the site's channel.
        file: The file that the site names.
    """
    try:
        content = load_yaml(read_text(file), str(file))
    except BotlabError as error:
        return profile, [_finding(str(error), _FORM)]
    pins = {pin.charm: pin for pin in _pins(content)}
    applications = {
        name: _pinned(application, pins.get(name))
        for name, application in profile.applications.items()
    }
    findings = [
        finding
        for name, application in profile.applications.items()
        if name in pins
        for finding in _faults(pins[name], application.channel or profile.channel, file)
    ]
    # A model can have other charms, too, and Juju wrote their names.
    if not _is_bundle(content):
        findings += _unknown_charms(pins, profile, file)
    return dataclasses.replace(profile, applications=applications), findings


def _is_bundle(content: Mapping[str, Any]) -> bool:
    return isinstance(content.get("applications"), dict)


def _pins(content: Mapping[str, Any]) -> Iterator[_Pin]:
    if not _is_bundle(content):
        yield from (_Pin(str(name), revision) for name, revision in content.items())
        return
    for name, body in cast("dict[Any, Any]", content["applications"]).items():
        fields = cast("dict[Any, Any]", body) if isinstance(body, dict) else {}
        if fields.get("revision") is not None:
            charm = charm_name(str(fields.get("charm") or name))
            yield _Pin(charm, fields["revision"], str(fields.get("channel") or ""))


def _pinned(application: ProfileApplication, pin: _Pin | None) -> ProfileApplication:
    if pin is None or not pin.is_valid:
        return application
    return dataclasses.replace(application, revision=cast("int", pin.revision))


def _faults(pin: _Pin, channel: str, file: Path) -> Iterator[Finding]:
    if not pin.is_valid:
        message = f"{file}: the revision of {pin.charm} is {pin.revision!r}, not a number"
        yield _finding(message, _FORM)
    if pin.channel and normalized_channel(pin.channel) != normalized_channel(channel):
        yield _finding(
            f"{file}: the revision of {pin.charm} is of the channel {pin.channel}, and the site"
            f" deploys {channel}",
            "set kubernetes.channel to the channel of the file, or pin revisions of the site's",
        )


def _unknown_charms(charms: Iterable[str], profile: Profile, file: Path) -> Iterator[Finding]:
    """Yield the names that no profile has. Sites of several profiles can share a file."""
    known = {name for other in profile_names() for name in profile_applications(other)}
    names = sorted(known | profile.applications.keys())
    suggestions, choices = Suggestions(), use_one_of([*profile.applications])
    for charm in charms:
        if charm in OWN_CHARMS:
            yield _finding(
                f"{file}: {charm} is a charm of this project, which has no revision in Charmhub",
                "remove the line; if you have published the charm, write applications:"
                f" {{{charm}: {{charm: {{charmhub: NAME, channel: CHANNEL, revision: N}}}}}}",
            )
        elif charm not in names:
            fix = suggestions.suggest(charm, names, f"remove the line, or {choices}")
            yield _finding(f"{file}: no profile has a charm {charm}", fix)


def _finding(message: str, fix: str) -> Finding:
    return lab_error("BL128", _KEY, message, fix)
