"""Differences of the charms of applications: the charm itself, channel, revision and base."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...bundle.channels import ChannelError, parse_channel
from ...bundle.charm_url import CharmUrlError, charm_name, is_local_path, parse_charm_url
from ...bundle.go_path import join_path
from ...bundle.model import Application
from ...juju import Juju
from ...plan.difference import Delta
from ...plan.model import ModelApplication
from .differences import Difference, JujuCommand, Stage, impossible


@dataclass(frozen=True, slots=True)
class CharmPair:
    """The charms of an application in the bundle and in the model.

    Attributes:
        name: The name of the application.
        application: The application in the bundle.
        deployed: The application in the model.
        charm_name: The name of the bundle's charm, by its metadata if they could be read.
        directory: The directory of the bundle, from which its paths start.
        juju: The release of the controller.
    """

    name: str
    application: Application
    deployed: ModelApplication
    charm_name: str
    directory: str
    juju: Juju


def charm_differences(pair: CharmPair) -> Iterator[Difference]:
    """Yield the differences of an application's charm."""
    if _is_other_charm(pair):
        texts = pair.deployed.charm, pair.application.charm
        delta = Delta("changed", "application", pair.name, "charm", *texts)
        yield Difference(delta, (refresh(pair, *_switch(pair)),))
    elif not is_local_path(pair.application.charm):
        yield from _release_differences(pair)


def platform_differences(pair: CharmPair, platform: str) -> Iterator[Difference]:
    """Yield the difference of an application's base or series, if both are known."""
    current = pair.deployed.platform
    if not platform or not current or current == platform:
        return
    field = "series" if pair.juju < Juju.V3_6 else "base"
    delta = Delta("changed", "application", pair.name, field, current, platform)
    yield impossible(delta, "it cannot be changed; remove the application and deploy it again")


def refresh(pair: CharmPair, *options: str) -> JujuCommand:
    """Return the command that upgrades the charm of an application."""
    # The command refresh exists from Juju 2.8 on.
    verb = "refresh" if pair.juju >= Juju.V2_9 else "upgrade-charm"
    why = "deploy does not do this; options and endpoints of the new charm need it first"
    return JujuCommand(Stage.REFRESH, verb, (pair.name,), options, why)


def local_path(pair: CharmPair) -> str:
    """Return the path of a local charm for ``juju refresh --path``."""
    return join_path(pair.directory, pair.application.charm)


def _is_other_charm(pair: CharmPair) -> bool:
    charm = pair.application.charm
    if is_local_path(charm) or pair.deployed.has_local_charm:
        is_same_kind = is_local_path(charm) and pair.deployed.has_local_charm
        return not is_same_kind or charm_name(pair.deployed.charm) != pair.charm_name
    return _identity(charm, pair.juju) != _identity(pair.deployed.charm, pair.juju)


def _identity(charm: str, juju: Juju) -> tuple[str, str]:
    """Return the owner and the name of a charm of a store."""
    try:
        url = parse_charm_url(charm, juju)
    except CharmUrlError:
        return "", charm
    return url.user, url.name


def _switch(pair: CharmPair) -> tuple[str, ...]:
    charm = pair.application.charm
    if is_local_path(charm):
        return "--path", local_path(pair)
    channel = pair.application.channel
    return ("--switch", charm, *(("--channel", channel) if channel else ()))


def _release_differences(pair: CharmPair) -> Iterator[Difference]:
    """Yield the differences of channel and revision of the same charm of a store."""
    old, new = pair.deployed.channel, pair.application.channel
    channel = ("--channel", new) if new else ()
    if new and old and _channel(old) != _channel(new):
        delta = Delta("changed", "application", pair.name, "channel", old, new)
        yield Difference(delta, (refresh(pair, *channel, *_revision_options(pair)),))
    elif _is_other_revision(pair):
        texts = str(pair.deployed.revision), str(_revision(pair))
        delta = Delta("changed", "application", pair.name, "revision", *texts)
        yield Difference(delta, (refresh(pair, *channel, *_revision_options(pair)),))


def _revision_options(pair: CharmPair) -> tuple[str, ...]:
    revision = _revision(pair)
    return () if revision is None else ("--revision", str(revision))


def _is_other_revision(pair: CharmPair) -> bool:
    revision = _revision(pair)
    return revision is not None and pair.deployed.revision not in (-1, revision)


def _revision(pair: CharmPair) -> int | None:
    """Return the revision that the bundle names, as a key or in the charm's URL."""
    if pair.application.revision is not None:
        return pair.application.revision
    try:
        revision = parse_charm_url(pair.application.charm, pair.juju).revision
    except CharmUrlError:
        return None
    return revision if revision >= 0 else None


def _channel(text: str) -> tuple[str, str, str]:
    """Return a channel with the track and the risk that it has by default."""
    try:
        channel = parse_channel(text)
    except ChannelError:
        return text, "", ""
    return channel.track or "latest", channel.risk or "stable", channel.branch
