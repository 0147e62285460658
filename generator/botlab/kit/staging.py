"""The small files of a kit: the site with what it names, and its bundle in the kit's layout."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..assessment import Assessment, Request, assess, is_site
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
from .layer import foreign_parts, is_inside, offline_layer

SITE, BUNDLE, LAYER = "site.yaml", "bundle.yaml", "offline.yaml"
PROFILES = "profiles"
_LAYER_TITLE = "# The charms and resources of this site, as files of the kit."


@dataclass(frozen=True, slots=True)
class Staged:
    """A site in the layout of a kit.

    Attributes:
        original: The site as it is.
        assessment: The site as the kit has it.
        needs: What the charms of its profile take from elsewhere.
        files: The content of the small files, by their paths in the kit.
        layers: The layers of the site in the kit, in their order.
        profiles: The directory of profiles in the kit; empty for a profile of this project.
    """

    original: Assessment
    assessment: Assessment
    needs: OfflineNeeds
    files: Mapping[str, bytes]
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
    layer = offline_layer(original.site, facts_of(original), needs, names)
    own = _profile_files(request.profiles, profile)
    files = {**_site_files(request, original, home), **_layer_file(layer), **own}
    _write(files, directory)
    layers = tuple(path for path in files if path.startswith("layers/") or path == LAYER)
    profiles = PROFILES if own else ""
    kit = _assess_staged(directory, layers, profiles)
    _refuse_errors(request.file, kit)
    _refuse_foreign(request.file, kit)
    return Staged(original, kit, needs, {**files, BUNDLE: kit.text.encode()}, layers, profiles)


def facts_of(assessment: Assessment) -> Facts:
    """Return the facts about the bundle of a site.

    Raises:
        BotlabError: When the site has no bundle.
    """
    return Facts(assessment.subject())


def _refuse_errors(file: Path, assessment: Assessment) -> None:
    errors = [f for f in assessment.findings if f.severity is Severity.ERROR]
    if errors or assessment.bundle is None:
        reasons = [f"{path_text(f.path)}: {f.message} ({f.id})" for f in errors]
        raise KitError(f"{file}: has errors, so no kit can be made of it", reasons)


def _refuse_foreign(file: Path, kit: Assessment) -> None:
    reasons = [
        f"{key}: an overlay names no file below the directory of the site file; write its path"
        " there (./charms/NAME.charm, ./resources/FILE)"
        for key in foreign_parts(facts_of(kit))
    ]
    if reasons:
        raise KitError(str(file), reasons)


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


def _assess_staged(directory: Path, layers: Sequence[str], profiles: str) -> Assessment:
    return assess(
        Request(
            file=directory / SITE,
            layers=[directory / path for path in layers],
            output=directory / BUNDLE,
            profiles=read_library(directory / profiles) if profiles else BUILT_IN,
        )
    )


def _layer_file(layer: dict[str, object]) -> dict[str, bytes]:
    lines = (_LAYER_TITLE, *yaml_lines(layer), "")
    return {LAYER: "\n".join(lines).encode()} if layer else {}


def _site_files(request: Request, original: Assessment, home: Path) -> dict[str, bytes]:
    """Return the site file, its layers, and the files that the site names, by their paths."""
    files = {SITE: read_bytes(request.file)}
    for number, layer in enumerate(request.layers, 1):
        files[f"layers/{number}-{layer.name}"] = read_bytes(layer)
    reasons: list[str] = []
    for key, path in _named_files(original, home):
        problem = _problem(key, path)
        if problem:
            reasons.append(problem)
        else:
            files[path] = read_bytes(home / path)
    if reasons:
        raise KitError(str(request.file), reasons)
    return files


def _named_files(original: Assessment, home: Path) -> Iterator[tuple[str, str]]:
    """Yield the keys of the site that name small files, with the files."""
    overlays = original.site.overlays if original.site else []
    for index, overlay in enumerate(overlays):
        yield f"overlays[{index}]", overlay.removeprefix("./")
    for path, include in original.includes.items():
        file = Path(include.file)
        inside = file.is_relative_to(home) and not include.is_absolute
        yield path_text(path), str(file.relative_to(home) if inside else file)


def _problem(key: str, path: str) -> str:
    if key.endswith(".kubeconfig"):
        return (
            f"{key}: reads credentials from {path}, which a kit must not have; keep the kubeconfig"
            " as a secret of Juju (kubernetes.kubeconfig: secret:NAME)"
        )
    if not is_inside(path):
        return f"{key}: {path} is outside the directory of the site file; move it there"
    return ""


def _write(files: Mapping[str, bytes], directory: Path) -> None:
    for path, content in files.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
