"""The small files of a kit: the site with what it names, and its bundle in the kit's layout."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..assessment import Assessment, Request, assess, is_site
from ..bundle.includes import Include
from ..bundle.parse import BundleSource, parse_bundle
from ..catalogue.offline import OfflineNeeds, offline_needs
from ..catalogue.profiles import BUILT_IN, ProfileLibrary
from ..catalogue.yaml_files import load_yaml
from ..contained_files import read_contained_bytes
from ..errors import FileError
from ..findings import Severity, path_text
from ..own_profiles.layout import profile_layout
from ..own_profiles.reader import read_library
from ..rules.lab.facts import Facts
from ..shell import repeated
from ..text_files import read_bytes, read_text
from ..yaml_text import yaml_lines
from .errors import KitError
from .file_paths import FilePaths, is_inside
from .layer import offline_layer
from .layout import BUNDLE, LAYER, LAYERS, OVERLAY, PROFILES, SITE, Layout
from .overlay import offline_overlay

_LAYER_TITLE = "# The charms and resources of this site, as files of the kit."
_OVERLAY_TITLE = "# The charms and resources of the site's overlays, as files of the kit."


@dataclass(frozen=True, slots=True)
class Staged:
    """A site in the layout of a kit.

    Attributes:
        original: The site as it is.
        assessment: The site as the kit has it.
        needs: What the charms of its profile take from elsewhere.
        files: The content of the small files, by their paths in the kit.
        layout: The uses of the paths in the kit.
        directory: The directory that has the small files.
        layers: The layers of the site in the kit, in their order.
        profiles: The directory of profiles in the kit; empty for a profile of this project.
    """

    original: Assessment
    assessment: Assessment
    needs: OfflineNeeds
    files: Mapping[str, bytes]
    layout: Layout
    directory: Path
    layers: tuple[str, ...]
    profiles: str = ""

    @property
    def options(self) -> list[str]:
        """The options with which the commands of botlab read the site in the kit."""
        layers = repeated("--layer", self.layers)
        return [*layers, *(["--profiles", self.profiles] if self.profiles else [])]


def stage(request: Request, directory: Path) -> Staged:
    """Render a site in the layout of a kit.

    Args:
        request: The site file and its layers.
        directory: An empty directory, which gets the small files of the kit.

    Raises:
        KitError: When the site has errors, or needs what cannot be in a kit.
        BotlabError: When a file cannot be read.
    """
    if not is_site(read_text(request.file), str(request.file)):
        raise FileError(request.file, "is not a site file, and a kit is made of one")
    home = request.file.resolve().parent
    original = assess(dataclasses.replace(request, output=home / BUNDLE))
    _refuse_errors(request.file, original)
    if original.site is None:
        raise FileError(request.file, "has no site that could be read")
    profile = original.site.kubernetes.profile
    needs = offline_needs(request.profiles.source(profile).offline())
    names = load_yaml(original.text, BUNDLE)["applications"]
    paths = FilePaths(facts_of(original), needs)
    layer = offline_layer(original.site, paths, names)
    small = _SmallFiles(request, original)
    small.add_site()
    own = _profile_files(request.profiles, profile)
    small.add_profile(own)
    small.refuse_problems()
    files = dict(small.files)
    staging = _Staging(request.file, directory, tuple(small.layers), PROFILES if own else "")
    kit = staging.assess(files, layer)
    if overlay := offline_overlay(paths, facts_of(kit)):
        small.layout.add_own(OVERLAY)
        small.refuse_problems()
        files[OVERLAY] = _text(_OVERLAY_TITLE, overlay)
        layer["overlays"] = [*original.site.overlays, f"./{OVERLAY}"]
        kit = staging.assess(files, layer)
    files[BUNDLE] = kit.text.encode()
    layers = (*small.layers, *([LAYER] if layer else []))
    return Staged(original, kit, needs, files, small.layout, directory, layers, staging.profiles)


@dataclass(frozen=True, slots=True)
class _Staging:
    """The directory with the small files of a kit.

    Attributes:
        file: The site file of the user, in messages.
        directory: The directory.
        layers: The layers of the site.
        profiles: The directory of profiles in the kit; empty for a profile of this project.
    """

    file: Path
    directory: Path
    layers: tuple[str, ...]
    profiles: str

    def assess(self, files: dict[str, bytes], layer: Mapping[str, object]) -> Assessment:
        """Write the files, and the layer of the kit as one of them; return the site of the kit.

        Raises:
            KitError: When the site of the kit has errors.
        """
        if layer:
            files[LAYER] = _text(_LAYER_TITLE, layer)
        _write(files, self.directory)
        layers = (*self.layers, *([LAYER] if layer else []))
        assessment = _assess_in(self.directory, layers, self.profiles)
        _refuse_errors(self.file, assessment)
        return assessment


def _assess_in(directory: Path, layers: Sequence[str], profiles: str) -> Assessment:
    return assess(
        Request(
            file=directory / SITE,
            layers=[directory / path for path in layers],
            output=directory / BUNDLE,
            profiles=read_library(directory / profiles) if profiles else BUILT_IN,
        )
    )


def errors_with_files(staged: Staged, files: Mapping[str, Path]) -> list[str]:
    """Return the errors that the site of a kit has with the files that were collected.

    Without a charm's archive, the site is compared with the revision that the profile describes.

    Args:
        staged: The site.
        files: The files, by their paths in the kit.
    """
    for path, file in files.items():
        link = staged.directory / path
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.exists():
            link.symlink_to(file.resolve())
    return _errors(_assess_in(staged.directory, staged.layers, staged.profiles))


def facts_of(assessment: Assessment) -> Facts:
    """Return the facts about the bundle of a site.

    Raises:
        BotlabError: When the site has no bundle.
    """
    return Facts(assessment.subject())


def base_facts(assessment: Assessment) -> Facts:
    """Return the facts about the bundle of a site without its overlays."""
    source = BundleSource(assessment.text, BUNDLE, assessment.subject().bundle.directory)
    parsed = parse_bundle(source, assessment.juju, includes=False)
    return facts_of(dataclasses.replace(assessment, bundle=parsed.bundle))


def _refuse_errors(file: Path, assessment: Assessment) -> None:
    reasons = _errors(assessment)
    if reasons or assessment.bundle is None:
        raise KitError(f"{file}: has errors, so no kit can be made of it", reasons)


def _errors(assessment: Assessment) -> list[str]:
    return [
        f"{path_text(finding.path)}: {finding.message} ({finding.id})"
        for finding in assessment.findings
        if finding.severity is Severity.ERROR
    ]


def _profile_files(library: ProfileLibrary, profile: str) -> dict[str, bytes]:
    """Return the files of a profile that is not of this project, by their paths in the kit.

    Raises:
        BotlabError: When a file leads out of the directory of the profile, or cannot be read.
    """
    source = library.own.get(profile)
    directory = source.directory if source else None
    if directory is None:
        return {}
    files = profile_layout(directory).files
    paths = (f"{PROFILES}/{profile}/{file.relative_to(directory)}" for file in files)
    contents = (read_contained_bytes(file, directory) for file in files)
    return dict(zip(paths, contents, strict=True))


def _text(title: str, content: Mapping[str, object]) -> bytes:
    return "\n".join((title, *yaml_lines(content), "")).encode()


class _SmallFiles:
    """The site file and the files that it names, at their places in a kit.

    Attributes:
        files: The content of the files, by their paths in the kit.
        layers: The paths of the site's layers, in their order.
        layout: The uses of the paths.
    """

    def __init__(self, request: Request, original: Assessment) -> None:
        self._request, self._original = request, original
        self._home = request.file.resolve().parent
        self.files: dict[str, bytes] = {}
        self.layers: list[str] = []
        self.layout = Layout()

    def add_site(self) -> None:
        """Add the site file, its layers, and the files that the site names."""
        self._add(SITE, "the site file", self._request.file)
        for number, layer in enumerate(self._request.layers, 1):
            path = f"{LAYERS}/{number}-{layer.name}"
            self.layers.append(path)
            self._add(path, f"--layer {layer}", layer)
        for key, path, file in self._named_files():
            if problem := _problem(key, path):
                self.layout.problems.append(problem)
            else:
                self._add(path, key, file)

    def add_profile(self, files: Mapping[str, bytes]) -> None:
        """Add the files of a profile, by their paths in the kit."""
        for path, content in files.items():
            if self.layout.add(path, "the profile", ("profile", path)):
                self.files[path] = content

    def refuse_problems(self) -> None:
        """Refuse a site with files that cannot be in the kit.

        Raises:
            KitError: With every reason.
        """
        self.layout.add_nested()
        if self.layout.problems:
            raise KitError(str(self._request.file), self.layout.problems)

    def _add(self, path: str, owner: str, file: Path) -> None:
        if self.layout.add(path, owner, file.resolve()):
            self.files[path] = read_bytes(file)

    def _named_files(self) -> Iterator[tuple[str, str, Path]]:
        """Yield the keys of the site that name small files, with their paths and the files."""
        for index, (overlay, file) in enumerate(self._overlays()):
            yield f"overlays[{index}]", str(overlay), file
        for key, includes in self._original.includes.items():
            for include in includes:
                for path in self._include_paths(include):
                    yield path_text(key), path, Path(include.file)

    def _overlays(self) -> Iterator[tuple[PurePosixPath, Path]]:
        """Yield the overlays of the site, as it names them, and their files."""
        overlays = self._original.site.overlays if self._original.site else []
        yield from zip(map(PurePosixPath, overlays), self._original.overlays, strict=False)

    def _include_paths(self, include: Include) -> list[str]:
        """Return the paths in the kit at which an included file is looked for.

        The paths of an overlay that is a link start at the directory of its file. The kit has a
        file in place of the link.
        """
        file = Path(include.file)
        if include.is_absolute:
            return [include.file]
        paths = [
            str(overlay.parent / file.relative_to(target.resolve().parent))
            for overlay, target in self._overlays()
            if file.is_relative_to(target.resolve().parent)
        ]
        inside = file.is_relative_to(self._home)
        paths += [str(file.relative_to(self._home))] if inside else []
        return list(dict.fromkeys(paths)) or [include.file]


def _problem(key: str, path: str) -> str:
    if key.endswith(".kubeconfig"):
        return (
            f"{key}: reads credentials from {path}, which a kit must not have; keep the kubeconfig"
            " as a secret of Juju (kubernetes.kubeconfig: secret:NAME)"
        )
    if not is_inside(path):
        return (
            f"{key}: {path} is outside the directory of the site file; move it there, and write"
            " its path without `..`"
        )
    return ""


def _write(files: Mapping[str, bytes], directory: Path) -> None:
    for path, content in files.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
