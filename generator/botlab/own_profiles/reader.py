"""Reading of the profiles of a directory."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..catalogue.profiles import (
    ProfileLibrary,
    ProfileSource,
    built_in_source,
    common_facts,
    profile_names,
)
from ..catalogue.yaml_files import YamlMapping
from ..errors import BotlabError
from ..findings import Finding, lab_error, suggest
from ..render.limited_templates import TemplateFault
from ..render.templates import limited_template
from ..shell import command_line
from ..site.layers import merge_layers
from ..text_files import is_regular_file
from .consistency import ProfileFiles, inconsistencies
from .files import UNREADABLE, ProfileDocument, read_document
from .format import CharmFile, ProfileFile
from .offline_format import OfflineFile

WRONG_NAME = "PF006"
TEMPLATE_FAULT = "PF020"
_COMMON = "common"
_PROFILE_FILE = "profile.yaml"
_TEMPLATE_FILE = "bundle.yaml.j2"
_OFFLINE_FILE = "offline.yaml"
_MOST_PROFILES = 200


@dataclass(frozen=True, slots=True)
class OwnProfile:
    """A profile that is not of this project.

    Attributes:
        name: The name of its directory.
        source: Its files; None when they have errors.
        findings: What is wrong with them.
    """

    name: str
    source: ProfileSource | None
    findings: tuple[Finding, ...] = ()


def read_library(directory: Path) -> ProfileLibrary:
    """Return the profiles of this project and of a directory.

    Args:
        directory: The directory with one directory per profile.

    Raises:
        BotlabError: When a profile has errors, or the directory cannot be read.
    """
    profiles = read_profiles(directory)
    findings = [finding for profile in profiles for finding in profile.findings]
    if findings:
        raise _unusable(directory, findings)
    return ProfileLibrary({profile.name: profile.source for profile in profiles if profile.source})


def _unusable(directory: Path, findings: list[Finding]) -> BotlabError:
    first = findings[0]
    location = f"{first.file}:{first.line}" if first.line else first.file
    command = command_line("botlab", "profile", "check", str(directory))
    return BotlabError(
        f"{location}: {first.message}; the profiles have {len(findings)} errors, which this"
        f" command shows: {command}",
        first.file,
        first.line,
        first.column,
    )


def read_profiles(directory: Path) -> list[OwnProfile]:
    """Return the profiles of a directory, with what is wrong with each of them.

    Raises:
        BotlabError: When the directory cannot be read, or has no profile.
    """
    return [_read_profile(path) for path in _profile_directories(directory)]


def _profile_directories(directory: Path) -> list[Path]:
    try:
        entries = sorted(path for path in directory.iterdir() if not path.name.startswith("."))
        paths = [path for path in entries if path.is_dir()]
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "Invalid argument"
        raise BotlabError(f"{directory}: cannot be read: {reason}", str(directory)) from None
    if is_regular_file(directory / _PROFILE_FILE):
        raise BotlabError(
            f"{directory}: is a profile; name the directory that contains the profiles, which is"
            f" {directory.resolve().parent}"
        )
    if not paths or len(paths) > _MOST_PROFILES:
        raise BotlabError(
            f"{directory}: has {len(paths)} directories; it must have one for each profile, and at"
            f" most {_MOST_PROFILES}"
        )
    return paths


def _read_profile(directory: Path) -> OwnProfile:
    document = read_document(directory / _PROFILE_FILE, ProfileFile, _with_base)
    findings = [*document.findings, *_name_faults(directory, document)]
    charms = _read_charms(directory / "catalogue")
    findings += [finding for charm in charms.values() for finding in charm.findings]
    offline = _read_offline(directory / _OFFLINE_FILE)
    findings += offline.findings if offline else ()
    base = document.model.extends if document.model else ""
    template = directory / _TEMPLATE_FILE
    has_template = template.exists()
    if has_template:
        findings += _template_findings(template)
    elif document.model and not base:
        findings.append(_missing_template(document))
    source = _source(document, charms, template if has_template else None)
    source = _with_files(source, directory, offline) if source else None
    if source and not findings:
        files = ProfileFiles(document, charms, source)
        findings += inconsistencies(files)
    return OwnProfile(directory.name, source if not findings else None, tuple(findings))


def _with_base(data: Any) -> Any:
    """Return the keys of ``profile.yaml`` with those of the profile that it extends."""
    base = str(data.get("extends", ""))
    if base not in profile_names():
        return data
    content: YamlMapping = {"unused-keys": {}, **built_in_source(base).content}
    return merge_layers(content, data)


def _name_faults(directory: Path, document: ProfileDocument[ProfileFile]) -> Iterator[Finding]:
    names = profile_names()
    if directory.name in (*names, _COMMON):
        message = f"the name {directory.name} is that of a profile of this project"
        fix = "give the directory another name, and write it as name, too"
        finding = document.finding(WRONG_NAME, ("name",), message, fix)
        yield finding
    profile = document.model
    if profile is None:
        return
    if profile.name != directory.name:
        message = f"name is {profile.name!r}, but the directory of the profile is {directory.name}"
        fix = f"write name: {directory.name}, or rename the directory"
        yield document.finding(WRONG_NAME, ("name",), message, fix)
    if profile.extends and profile.extends not in names:
        message = f"extends is {profile.extends!r}, which is not a profile of this project"
        fix = suggest(profile.extends, names, f"use one of {', '.join(names)}")
        yield document.finding(WRONG_NAME, ("extends",), message, fix)


def _read_charms(catalogue: Path) -> dict[str, ProfileDocument[CharmFile]]:
    """Return the catalogue files of a profile, by the names of the files."""
    files = sorted(catalogue.glob("*.yaml")) if catalogue.is_dir() else []
    return {file.stem: read_document(file, CharmFile) for file in files}


def _template_findings(template: Path) -> list[Finding]:
    try:
        faults = limited_template(template).faults()
    except BotlabError as error:
        faults = [TemplateFault(0, error.message)]
    return [template_finding(template, fault.line, fault.problem) for fault in faults]


def template_finding(template: Path, line: int, problem: str) -> Finding:
    """Return a finding about a line of a template."""
    fix = "correct the template; docs/profile-files.md lists what it may contain"
    finding = lab_error(TEMPLATE_FAULT, (), problem, fix)
    return dataclasses.replace(finding, file=str(template), line=line)


def _missing_template(document: ProfileDocument[ProfileFile]) -> Finding:
    message = f"there is no {_TEMPLATE_FILE} beside {_PROFILE_FILE}"
    fix = "write one, or extend a profile of this project, whose template is then used"
    return document.finding(UNREADABLE, (), message, fix)


def _source(
    document: ProfileDocument[ProfileFile],
    charms: Mapping[str, ProfileDocument[CharmFile]],
    template: Path | None,
) -> ProfileSource | None:
    """Return the files of a profile; None when they have errors."""
    profile = document.model
    models = {name: charm.model for name, charm in charms.items()}
    extends = profile.extends if profile else ""
    base = built_in_source(extends) if extends in profile_names() else None
    file = template or (base.template if base else None)
    if profile is None or file is None or None in models.values():
        return None
    content = profile.model_dump(mode="json", by_alias=True, exclude_unset=True)
    facts = {name: _facts(model) for name, model in models.items() if model}
    find = functools.partial(_find_facts, facts, base.facts if base else common_facts)
    offline = base.offline if base else _no_offline_file
    return ProfileSource(content, find, file, is_own=template is not None, offline=offline)


def _no_offline_file() -> None:
    """Return nothing, as the content of a file that does not exist."""


def _read_offline(file: Path) -> ProfileDocument[OfflineFile] | None:
    """Return what the charms take from elsewhere; None if the profile has no file about it."""
    return read_document(file, OfflineFile) if file.exists() else None


def _with_files(
    source: ProfileSource, directory: Path, offline: ProfileDocument[OfflineFile] | None
) -> ProfileSource:
    """Return the files of a profile with its directory and its own ``offline.yaml``."""
    model = offline.model if offline else None
    if model is None:
        return source._replace(directory=directory)
    content = model.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return source._replace(directory=directory, offline=lambda: content)


def _facts(charm: CharmFile) -> YamlMapping:
    keys = charm.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {"endpoints": {}, "options": {}, **keys}


def _find_facts(
    own: Mapping[str, YamlMapping], otherwise: Callable[[str], YamlMapping], name: str
) -> YamlMapping:
    """Return the facts about a charm.

    Raises:
        OSError: When there is no catalogue file for it.
    """
    return own[name] if name in own else otherwise(name)
