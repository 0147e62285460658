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
from ..errors import BotlabError, FileError
from ..findings import Finding, lab_error, suggest
from ..render.templates import limited_template
from ..shell import command_line, file_operand
from ..site.layers import merge_layers
from ..text_files import is_regular_file
from .consistency import ProfileFiles, inconsistencies
from .files import ProfileDocument, read_document
from .format import CharmFile, ProfileFile
from .layout import (
    OFFLINE_FILE,
    PROFILE_FILE,
    TEMPLATE_FILE,
    UNREADABLE,
    ProfileLayout,
    profile_layout,
    unreadable,
)
from .offline_format import OfflineFile
from .text_formats import PROFILE_NAME

WRONG_NAME = "PF006"
TEMPLATE_FAULT = "PF020"
_COMMON = "common"
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
    first, count = findings[0], len(findings)
    command = command_line("botlab", "profile", "check", file_operand(str(directory)))
    reason = first.message.removeprefix(f"{first.file}: ")
    errors = "1 error" if count == 1 else f"{count} errors"
    problem = f"{reason}; the profiles have {errors}, which this command shows: {command}"
    return FileError(first.file, problem, first.line, first.column)


def read_profiles(directory: Path) -> list[OwnProfile]:
    """Return the profiles of a directory, with what is wrong with each of them.

    Raises:
        BotlabError: When the directory cannot be read, or has no profile.
    """
    return [_read_profile(path) for path in _profile_directories(directory)]


def _profile_directories(directory: Path) -> list[Path]:
    try:
        entries = sorted(path for path in directory.iterdir() if not path.name.startswith("."))
        paths = [path for path in entries if path.is_dir() or _is_broken_link(path)]
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "Invalid argument"
        raise FileError(directory, f"cannot be read: {reason}") from None
    if is_regular_file(directory / PROFILE_FILE):
        parent = directory.resolve().parent
        problem = f"is a profile; name the directory that contains the profiles, which is {parent}"
        raise FileError(directory, problem)
    if not paths or len(paths) > _MOST_PROFILES:
        problem = f"has {len(paths)} directories; it must have one for each profile, and at most"
        raise FileError(directory, f"{problem} {_MOST_PROFILES}")
    return paths


def _is_broken_link(path: Path) -> bool:
    """Return whether a path is a link to nothing, or a loop of links."""
    return path.is_symlink() and not path.exists()


def _read_profile(directory: Path) -> OwnProfile:
    layout = profile_layout(directory)
    document = read_document(directory / PROFILE_FILE, directory, ProfileFile, _with_base)
    findings = [*layout.findings, *document.findings, *_name_faults(directory, document)]
    charms = {file.stem: read_document(file, directory, CharmFile) for file in layout.charms}
    findings += [finding for charm in charms.values() for finding in charm.findings]
    offline = _read_offline(layout)
    findings += offline.findings if offline else ()
    findings += [fault for file in layout.templates for fault in _template_findings(file)]
    template = directory / TEMPLATE_FILE if layout.has(TEMPLATE_FILE) else None
    if not template and document.model and not document.model.extends:
        findings.append(_missing_template(document))
    source = _source(document, charms, template)
    source = _with_files(source, directory, offline) if source else None
    if source and not findings:
        files = ProfileFiles(document, charms, source, offline, layout.templates)
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
        if not PROFILE_NAME.fits(directory.name):
            fix = f"rename the directory; {PROFILE_NAME.advice}"
        yield document.finding(WRONG_NAME, ("name",), message, fix)
    if profile.extends and profile.extends not in names:
        message = f"extends is {profile.extends!r}, which is not a profile of this project"
        fix = suggest(profile.extends, names, f"use one of {', '.join(names)}")
        yield document.finding(WRONG_NAME, ("extends",), message, fix)


def _template_findings(template: Path) -> list[Finding]:
    try:
        faults = limited_template(template).faults()
    except BotlabError as error:
        return [unreadable(error, template)]
    return [template_finding(template, fault.line, fault.problem) for fault in faults]


def template_finding(template: Path, line: int, problem: str) -> Finding:
    """Return a finding about a line of a template."""
    fix = "correct the template; docs/profile-files.md lists what it may contain"
    finding = lab_error(TEMPLATE_FAULT, (), problem, fix)
    return dataclasses.replace(finding, file=str(template), line=line)


def _missing_template(document: ProfileDocument[ProfileFile]) -> Finding:
    message = f"there is no {TEMPLATE_FILE} beside {PROFILE_FILE}"
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


def _read_offline(layout: ProfileLayout) -> ProfileDocument[OfflineFile] | None:
    """Return what the charms take from elsewhere; None if the profile has no file about it."""
    if not layout.has(OFFLINE_FILE):
        return None
    return read_document(layout.directory / OFFLINE_FILE, layout.directory, OfflineFile)


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
