"""The charms of a plan: which are uploaded, and which applications are upgraded.

Sources: ``resolveCharmsAndEndpoints`` of Juju's client (cmd/juju/application), and
``handleApplications`` and ``allowCharmUpgrade`` of juju/bundlechanges (2.6) and of
core/bundle/changes (2.9 and later).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..bundle.channels import RISKS
from ..bundle.charm_url import CharmUrl, CharmUrlError, is_local_path, parse_charm_url
from ..bundle.go_path import join_path
from ..bundle.go_text import quote
from ..bundle.model import Application, Bundle
from ..catalogue.model import Charm
from ..juju import Juju
from .change_set import Change, ChangeSet
from .constraint_values import constraint_values
from .descriptions import Descriptions
from .errors import PlanError
from .model import Model, ModelApplication
from .platforms import Platforms

_DEFAULT_ARCHITECTURE = "amd64"


class PlannedCharm(NamedTuple):
    """The charm of an application.

    Attributes:
        text: The charm as Juju's client names it after it asked the store.
        platform: The series or base that it is deployed on.
        upload: The change that uploads it; None when the model has it.
    """

    text: str
    platform: str
    upload: Change | None

    @property
    def reference(self) -> str:
        """The text by which other changes refer to the charm."""
        return self.upload.placeholder if self.upload else self.text

    @property
    def requires(self) -> list[str]:
        """The ids of the changes that come before changes that use the charm."""
        return [self.upload.id] if self.upload else []


class CharmPlanner:
    """Plans the uploads of charms, and decides which applications are upgraded."""

    def __init__(
        self,
        bundle: Bundle,
        juju: Juju,
        charms: Mapping[str, Charm],
        model: Model,
        changes: ChangeSet,
        model_constraints: str,
    ) -> None:
        self._directory = bundle.directory
        self._juju = juju
        self._is_2_6 = juju < Juju.V2_9
        self._model = model
        self._changes = changes
        constraints = {**model.constraints, **constraint_values(model_constraints)}
        self._model_architecture = str(constraints.get("arch") or "")
        self._descriptions = Descriptions(juju)
        self._uploads: dict[tuple[Any, ...], Change] = {}
        self.platforms = Platforms(bundle, juju, charms)

    def plan(self, name: str, application: Application) -> PlannedCharm:
        """Add the upload of an application's charm if it is necessary, and return the charm."""
        text = self._identity(name, application, self._text(name, application))
        platform = self.platforms.of_application(name, application, text)
        upload = self._upload(name, application, PlannedCharm(text, platform, None))
        return PlannedCharm(text, platform, upload)

    def _text(self, name: str, application: Application) -> str:
        """Return an application's charm. Juju never upgrades a local charm that the model has."""
        charm = application.charm
        existing = self._model.applications.get(name)
        if existing is not None and self._is_local(charm):
            return existing.charm
        if is_local_path(charm):
            return join_path(self._directory, charm)
        return charm

    def _is_local(self, charm: str) -> bool:
        return is_local_path(charm) or (charm.startswith("local:") and not self._is_2_6)

    def _identity(self, name: str, application: Application, charm: str) -> str:
        """Return the charm as Juju's client names it after it asked the store."""
        existing = self._model.applications.get(name)
        if self._is_local(charm) or (existing is not None and existing.charm == charm):
            return charm
        url = self._url(charm)
        if url is None:
            return charm
        if url.schema == "ch":
            return f"ch:{url.name}"
        if existing is not None and self._may_be_newest(url, existing):
            return existing.charm
        if url.revision < 0 and application.revision is not None:
            url = dataclasses.replace(url, revision=application.revision)
        return str(url)

    def _may_be_newest(self, url: CharmUrl, existing: ModelApplication) -> bool:
        """Return whether an application has a revision of a charm whose newest is not known."""
        deployed = self._url(existing.charm)
        if deployed is None or url.schema != "cs" or url.revision >= 0:
            return False
        return (url.schema, url.user, url.name) == (deployed.schema, deployed.user, deployed.name)

    def _url(self, charm: str) -> CharmUrl | None:
        try:
            return parse_charm_url(charm, self._juju)
        except CharmUrlError:
            return None

    def _upload(self, name: str, application: Application, charm: PlannedCharm) -> Change | None:
        """Return the change that uploads a charm; None when the model has the charm."""
        architecture = self._architecture(application)
        channel = self._key_channel(name, application)
        key: tuple[Any, ...] = (charm.text,)
        args: list[Any] = [charm.text, charm.platform]
        if not self._is_2_6:
            key = (*key, architecture, charm.platform, channel, application.revision)
            args.append(application.channel)
        if key not in self._uploads:
            if self._has_charm(charm, architecture, channel, application.revision):
                return None
            text = self._descriptions.add_charm(
                charm.text, charm.platform, application.channel, application.revision, architecture
            )
            self._uploads[key] = self._changes.add("addCharm", args, [text])
        return self._uploads[key]

    def _key_channel(self, name: str, application: Application) -> str:
        """Return the channel that an upload is known by: stable unless the bundle names one."""
        existing = self._model.applications.get(name)
        is_local = existing is not None and existing.has_local_charm
        return application.channel or ("" if is_local else "stable")

    def _architecture(self, application: Application) -> str:
        """Return the architecture of a charm. From 4.0 on, there is no default."""
        if self._is_2_6:
            return ""
        return self._architecture_or_default(constraint_values(application.constraints))

    def _architecture_or_default(self, constraints: Mapping[str, object]) -> str:
        default = _DEFAULT_ARCHITECTURE if self._juju < Juju.V4_0 else ""
        return str(constraints.get("arch") or self._model_architecture or default)

    def _has_charm(
        self, charm: PlannedCharm, architecture: str, channel: str, revision: int | None
    ) -> bool:
        """Return whether an application of the model has a charm (``matchesCharmPermutation``)."""
        applications = [a for a in self._model.applications.values() if a.charm == charm.text]
        if self._is_2_6:
            return bool(applications)
        applications = [a for a in applications if revision in (None, a.revision)]
        if not (architecture or charm.platform or channel):
            return bool(applications)
        return any(
            (deployed.platform, deployed.channel) == (charm.platform, channel)
            and self._has_architecture(deployed, architecture)
            for deployed in applications
        )

    def _has_architecture(self, deployed: ModelApplication, architecture: str) -> bool:
        constraints = deployed.constraints
        return constraints is None or self._architecture_or_default(constraints) == architecture

    def needs_upgrade(
        self, name: str, application: Application, existing: ModelApplication, charm: PlannedCharm
    ) -> bool:
        """Return whether Juju upgrades an application of the model.

        Raises:
            PlanError: When Juju refuses, with its message.
        """
        if existing.charm != charm.text:
            return True
        if self._is_2_6 or existing.revision == -1:
            return False
        if not existing.channel:
            return self._refuse_unknown_channel(name, application)
        self._check_channel(name, application, existing)
        return self._has_newer_revision(name, application, existing)

    def _refuse_unknown_channel(self, name: str, application: Application) -> bool:
        if application.channel:
            reason = f"the channel for {quote(name)} is unknown; use --force to override"
            raise PlanError(f"upgrades not supported when {reason}")
        return False

    def _check_channel(
        self, name: str, application: Application, existing: ModelApplication
    ) -> None:
        requested = _normalized_channel(application.channel)
        deployed = _normalized_channel(existing.channel)
        # The store may name the track of its default channel, which is latest.
        if requested.removeprefix("latest/") in ("", deployed.removeprefix("latest/")):
            return
        channels = f"existing: {quote(existing.channel)}, requested: {quote(requested)}"
        raise PlanError(
            f"application {quote(name)}: upgrades not supported across channels ({channels});"
            " use --force to override"
        )

    def _has_newer_revision(
        self, name: str, application: Application, existing: ModelApplication
    ) -> bool:
        """Return whether the bundle names a newer revision. The store's newest is not known."""
        revision = application.revision
        if revision is None or revision < existing.revision:
            if revision is not None:
                revisions = f"{existing.revision} is newer than requested revision {revision}"
                raise PlanError(
                    f"application {quote(name)}: downgrades are not currently supported:"
                    f" deployed revision {revisions}"
                )
            return False
        return revision > existing.revision


def _normalized_channel(channel: str) -> str:
    """Return a channel with its risk, as juju/charm ``ParseChannelNormalize`` does."""
    is_track = channel and "/" not in channel
    return f"{channel}/stable" if is_track and channel not in RISKS else channel
