"""Comparison of the files of a profile with each other, and with what a site can name."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..bundle.charm_url import CharmUrlError, parse_charm_url
from ..catalogue.model import Charm
from ..catalogue.profiles import OWN_CHARMS, ProfileSource
from ..catalogue.reader import charm_from_catalogue
from ..findings import Finding, KeyPath, suggest
from ..juju import Juju
from ..site.applications import SourceKind
from ..site.fields import is_known
from ..site.roles import Role
from .files import MOST_FAULTS, ProfileDocument
from .format import ApplicationFile, CharmFile, ProfileFile
from .offline_consistency import OfflineCheck
from .offline_format import OfflineFile
from .template_names import unknown_names

WRONG_ROLE = "PF010"
WRONG_FACTS = "PF011"
WRONG_KEY = "PF012"
# The Juju releases that deploy from a store, and its name. Juju 2.9 is the first that knows
# Charmhub, and the last that knows the Charm Store.
_STORES = {
    SourceKind.CHARMHUB: ("Charmhub", ("2.9", "3.6", "4.0")),
    SourceKind.STORE: ("the Charm Store", ("2.6", "2.9")),
}


@dataclass(frozen=True, slots=True)
class ProfileFiles:
    """The files of a profile, each of which can be read.

    Attributes:
        document: ``profile.yaml``.
        charms: The catalogue files of the profile, by the names of the files.
        source: The content of all files, with those of the profile that it extends.
        offline: ``offline.yaml``; None if the profile has no such file.
        templates: The templates of the profile.
    """

    document: ProfileDocument[ProfileFile]
    charms: Mapping[str, ProfileDocument[CharmFile]]
    source: ProfileSource
    offline: ProfileDocument[OfflineFile] | None = None
    templates: Sequence[Path] = ()


def inconsistencies(files: ProfileFiles) -> list[Finding]:
    """Return what does not fit together in the files of a profile."""
    profile = files.document.model
    assert profile is not None
    parts = (
        _missing_applications(files.document, profile),
        _unplaced_roles(files.document, profile),
        _application_faults(files, profile),
        _charm_faults(files, profile),
        _unknown_keys(files.document, profile),
        _unlisted_release(files.document, profile),
        _juju_faults(files.document, profile),
        _offline_faults(files, profile),
        _template_faults(files, profile),
    )
    return list(itertools.islice(itertools.chain.from_iterable(parts), MOST_FAULTS))


def _missing_applications(
    document: ProfileDocument[ProfileFile], profile: ProfileFile
) -> Iterator[Finding]:
    for key, name in (("control-plane", profile.control_plane), ("worker", profile.worker)):
        if name and name not in profile.applications:
            names = list(profile.applications)
            message = f"{key} is {name}, which is not an application of the profile"
            fix = suggest(name, names, f"use one of {', '.join(names)}")
            yield document.finding(WRONG_ROLE, (key,), message, fix)


def _unplaced_roles(
    document: ProfileDocument[ProfileFile], profile: ProfileFile
) -> Iterator[Finding]:
    placed = {application.role for application in profile.applications.values()}
    for role in profile.required_roles:
        if role not in placed:
            message = f"the role {role.value} is required, but no application has it"
            fix = f"give an application role: {role.value}, or remove the role here"
            yield document.finding(WRONG_ROLE, ("required-roles", role.value), message, fix)


def _application_faults(files: ProfileFiles, profile: ProfileFile) -> Iterator[Finding]:
    for name in profile.applications:
        path: KeyPath = ("applications", name)
        for rule_id, problem, fix in _faults_of(files, profile, name):
            yield files.document.finding(rule_id, path, problem, fix)


def _faults_of(
    files: ProfileFiles, profile: ProfileFile, name: str
) -> Iterator[tuple[str, str, str]]:
    """Yield the id, the problem and the fix of what is wrong with an application."""
    if name in OWN_CHARMS:
        yield WRONG_ROLE, f"{name} is a charm of this project", "remove the application"
        return
    application, charm = profile.applications[name], _charm_of(files, name)
    if charm is None:
        fix = f"write catalogue/{name}.yaml with the endpoints and options of the charm"
        yield WRONG_FACTS, f"there are no facts about the charm {name}", fix
        return
    yield from _role_faults(name, application, charm)
    yield from _store_faults(name, application, profile.source)


def _role_faults(
    name: str, application: ApplicationFile, charm: Charm
) -> Iterator[tuple[str, str, str]]:
    role = application.role.value if application.role else ""
    if charm.subordinate and role:
        problem = f"{name} is a subordinate, so the role {role} cannot place its units"
        yield WRONG_ROLE, problem, "remove the role"
    if not charm.subordinate and not role:
        problem = f"{name} is not a subordinate and has no role, so it gets no units"
        yield WRONG_ROLE, problem, f"add one of the roles {', '.join(r.value for r in Role)}"


def _store_faults(
    name: str, application: ApplicationFile, source: SourceKind
) -> Iterator[tuple[str, str, str]]:
    fix = "write a URL with a revision, such as cs:~containers/etcd-378"
    if source is SourceKind.STORE and not application.store:
        yield WRONG_FACTS, f"source is store, but {name} has no key store", fix
    if application.store and (reason := _store_fault(application.store)):
        yield WRONG_FACTS, f"store is {application.store!r}: {reason}", fix


def _charm_of(files: ProfileFiles, name: str) -> Charm | None:
    try:
        return charm_from_catalogue(files.source.facts(name))
    except OSError:
        return None


def _store_fault(text: str) -> str:
    """Return why a text is not the URL of a revision in the Charm Store; empty if it is one."""
    try:
        url = parse_charm_url(text, Juju.V2_9)
    except CharmUrlError as error:
        return str(error)
    return "" if url.schema == "cs" and url.revision >= 0 else "is not a cs: URL with a revision"


def _charm_faults(files: ProfileFiles, profile: ProfileFile) -> Iterator[Finding]:
    for stem, document in files.charms.items():
        charm = document.model
        if charm and charm.name != stem:
            message = f"name is {charm.name}, but the file is {stem}.yaml"
            yield document.finding(WRONG_FACTS, ("name",), message, f"write name: {stem}")
        if stem not in profile.applications:
            names = list(profile.applications)
            message = f"the profile has no application {stem}"
            fix = suggest(stem, names, f"remove the file, or add {stem} to applications")
            yield document.finding(WRONG_FACTS, ("name",), message, fix)
        for index, resource in enumerate(charm.offline if charm else ()):
            if charm and "{arch}" not in resource and resource not in charm.resources:
                message = f"{resource} is not one of the resources of the charm"
                fix = "add it to resources, or remove it here"
                yield document.finding(WRONG_FACTS, ("offline", index), message, fix)


def _unknown_keys(
    document: ProfileDocument[ProfileFile], profile: ProfileFile
) -> Iterator[Finding]:
    for key in profile.unused_keys:
        if not is_known(tuple(key.split("."))):
            message = f"{key} is not a key of the site file"
            fix = "write the key with its sections, such as kubernetes.dashboard"
            yield document.finding(WRONG_KEY, ("unused-keys", key), message, fix)


def _offline_faults(files: ProfileFiles, profile: ProfileFile) -> Iterator[Finding]:
    if files.offline is not None:
        find = functools.cache(functools.partial(_charm_of, files))
        check = OfflineCheck(files.offline, list(profile.applications), profile.releases, find)
        yield from check.faults()


def _template_faults(files: ProfileFiles, profile: ProfileFile) -> Iterator[Finding]:
    @functools.cache
    def is_known(name: str) -> bool:
        return name in OWN_CHARMS or _charm_of(files, name) is not None

    yield from unknown_names(files.templates, list(profile.applications), is_known)


def _juju_faults(
    document: ProfileDocument[ProfileFile], profile: ProfileFile
) -> Iterator[Finding]:
    """Yield the Juju releases that cannot deploy from the store of the profile."""
    store, releases = _STORES.get(profile.source, ("", ()))
    for index, juju in enumerate(profile.juju if store else ()):
        if juju not in releases:
            message = f"Juju {juju} deploys nothing from {store}, but source is"
            fix = f"remove {juju}, or write another source"
            path: KeyPath = ("juju", index)
            yield document.finding(WRONG_KEY, path, f"{message} {profile.source.value}", fix)


def _unlisted_release(
    document: ProfileDocument[ProfileFile], profile: ProfileFile
) -> Iterator[Finding]:
    if profile.control_plane and not profile.kubernetes:
        message = "kubernetes is empty, but the profile has a control plane"
        fix = "write the release that is deployed, such as 1.35"
        yield document.finding(WRONG_KEY, ("kubernetes",), message, fix)
    if profile.kubernetes and profile.kubernetes not in profile.releases:
        message = f"kubernetes is {profile.kubernetes}, which is not one of the releases"
        fix = f"add {profile.kubernetes} to releases, or write one of them"
        yield document.finding(WRONG_KEY, ("kubernetes",), message, fix)
