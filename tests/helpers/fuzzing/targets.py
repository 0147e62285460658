"""The parts of the generator under test: commands, with the files that they read."""

from __future__ import annotations

import argparse
import contextlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from botlab.cli.parser import build_parser
from botlab.errors import BotlabError
from botlab.picture.svg import NAMESPACE
from botlab.site.load import Layer, load_site
from helpers.hcl_format import format_faults

from . import seeds
from .inputs import Input
from .packed_charm import packed_charm
from .packed_kit import packed_kit

# Runs a parsed command as the command line does, and returns its exit status.
Program = Callable[[argparse.Namespace], int]
_RELEASES = ("2.6", "2.9", "3.6", "4.0")
# The rules about the syntax and the types of a site file.
_SITE_SYNTAX = {"BL001", "BL002", "BL003", "BL004", "BL005"}


_PACKERS = {"charm": (packed_charm, ".charm"), "kit": (packed_kit, ".tar")}


class WrongOutputError(Exception):
    """A command that ends as none may end, or output that no command may print."""


@dataclass(frozen=True)
class Target:
    """A command, and the files that the fuzzer changes.

    Attributes:
        name: The name of the target.
        files: The names of the files, one for each part of an input.
        commands: The arguments of the command, with ``@`` before the name of a file. If there are
            several, one more part of the input selects one of them.
        seeds: Makes the inputs to start with.
        optional: The files that do not exist when their part is empty.
        archive: The directory of files that are packed as ``DIRECTORY.charm``, or as
            ``DIRECTORY.tar``; empty for none. One more part of the input, the last one, damages
            this archive.
        packer: What packs them: ``charm`` or ``kit``.
        check: Raises :class:`WrongOutputError` for wrong output of a run with exit status 0.
    """

    name: str
    files: Sequence[str]
    commands: Sequence[str]
    seeds: Callable[[], list[Input]]
    optional: Sequence[str] = ()
    archive: str = ""
    packer: str = "charm"
    check: Callable[[str], None] = lambda output: None


def run_command(args: argparse.Namespace) -> int:
    """Run a command as the command line does."""
    status: int = args.run(args)
    return status


class TargetRun:
    """A target in a directory of its own.

    Args:
        target: The target.
        directory: An empty directory for its files.
        program: Runs the command.
    """

    def __init__(self, target: Target, directory: Path, program: Program = run_command) -> None:
        self._target = target
        self._directory = directory
        self._program = program
        self._contents: dict[Path, bytes] = {}
        seeds.write_local_charms(directory)
        (directory / "charms").mkdir(exist_ok=True)
        self._arguments = [self._parse(command) for command in target.commands]

    def _parse(self, command: str) -> argparse.Namespace:
        arguments = [word.replace("@", f"{self._directory}/") for word in command.split()]
        return build_parser().parse_args(arguments)

    def __call__(self, parts: Input) -> None:
        """Run the command on an input.

        Raises:
            WrongOutputError: When the exit status or the output is wrong.
        """
        self._write_files(parts)
        output, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            status = self._status(self._arguments[self._choice(parts)])
        if status not in (0, 1, 2):
            raise WrongOutputError(f"exit status {status!r}")
        _check_printable(f"{output.getvalue()}{errors.getvalue()}")
        if status == 0:
            self._target.check(output.getvalue())

    def _status(self, args: argparse.Namespace) -> int:
        try:
            return self._program(args)
        except BotlabError as error:
            if "fault of botlab" in str(error):
                raise WrongOutputError(str(error)) from error
            return 2

    def _choice(self, parts: Input) -> int:
        index = len(self._target.files)
        return sum(parts[index]) % len(self._arguments) if len(self._arguments) > 1 else 0

    def _write_files(self, parts: Input) -> None:
        for name, content in zip(self._target.files, parts, strict=False):
            self._write(name, content)
        if self._target.archive:
            folder = self._target.archive
            files = dict(zip(self._target.files, parts, strict=False))
            charm = {
                name.removeprefix(f"{folder}/"): content
                for name, content in files.items()
                if content and name.startswith(f"{folder}/")
            }
            pack, suffix = _PACKERS[self._target.packer]
            self._write(f"{folder}{suffix}", pack(charm, parts[-1]))

    def _write(self, name: str, content: bytes) -> None:
        path = self._directory / name
        if self._contents.get(path) == content:
            return
        self._contents[path] = content
        if name in self._target.optional and not content:
            path.unlink(missing_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def _check_printable(output: str) -> None:
    """Check that no character of the output does anything to a terminal."""
    odd = {char for char in output if not char.isprintable() and char != "\n"}
    if odd:
        raise WrongOutputError(f"characters that are not printable: {sorted(odd)!a}")


def _check_site(output: str) -> None:
    """Check that a site file of ``init`` has no faults of syntax or type."""
    findings = load_site([Layer(output)]).findings
    faults = [finding for finding in findings if finding.id in _SITE_SYNTAX]
    errors = [finding.message for finding in faults if finding.severity.value == "error"]
    if errors:
        raise WrongOutputError(f"init writes a site file with errors: {errors}")


def _check_plan(output: str) -> None:
    """Check that a plan has the form that the formatter of OpenTofu gives it."""
    faults = format_faults(output)
    if faults:
        raise WrongOutputError(f"the formatter would change lines of the plan: {faults}")


def _check_picture(output: str) -> None:
    """Check that a picture is well-formed, and has only the elements that botlab draws."""
    try:
        tags = {element.tag for element in ElementTree.fromstring(output).iter()}  # noqa: S314
    except ElementTree.ParseError as error:
        raise WrongOutputError(f"the picture is not well-formed: {error}") from error
    if tags - _PICTURE_TAGS:
        raise WrongOutputError(f"elements of the picture: {tags - _PICTURE_TAGS}")


def _bundle_target(release: str) -> Target:
    return Target(
        f"bundle-{release}",
        ("bundle.yaml", "overlay.yaml"),
        (
            f"validate @bundle.yaml --juju {release} --overlay @overlay.yaml",
            f"validate @bundle.yaml --juju {release} --format json",
        ),
        lambda: seeds.bundles(release),
    )


def _both(options: str) -> tuple[str, ...]:
    """Return the commands that read the charms of a bundle, for each release."""
    return (
        *(f"validate @bundle.yaml {options} --juju {release}" for release in _RELEASES),
        *(f"plan @bundle.yaml {options} --trust --juju {release}" for release in _RELEASES),
    )


_PICTURE_TAGS = {
    f"{{{NAMESPACE}}}{name}"
    for name in ("svg", "title", "desc", "style", "g", "rect", "text", "path", "circle")
}
_PICTURE = "picture @bundle.yaml --overlay @overlay.yaml -o - --juju"
_CHARM_FILES = ("metadata.yaml", "config.yaml", "charmcraft.yaml", "manifest.yaml")
_PROFILE_FILES = ("profile.yaml", "bundle.yaml.j2", "catalogue/k8s.yaml")
_PLAN_MODEL = "plan @bundle.yaml --trust --model @model.json --model @more.yaml --juju"
_PLAN = "render @bundle.yaml --overlay @overlay.yaml --format terraform -o -"
TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        Target(
            "site",
            ("site.yaml", "layer.yaml"),
            ("validate @site.yaml", "validate @site.yaml --layer @layer.yaml --format json"),
            seeds.sites,
        ),
        *map(_bundle_target, _RELEASES),
        Target(
            "plan-model",
            ("bundle.yaml", "model.json", "more.yaml"),
            tuple(f"{_PLAN_MODEL} {release}" for release in _RELEASES),
            seeds.models,
        ),
        Target(
            "init-maas",
            ("machines.json", "more.json"),
            (
                "init lab --maas @machines.json --maas @more.json -o -",
                "init lab --juju 3.6 --maas @machines.json -o -",
            ),
            seeds.dumps,
            check=_check_site,
        ),
        Target(
            "validate-maas",
            ("site.yaml", "machines.json", "more.json"),
            ("validate @site.yaml --maas @machines.json --maas @more.json",),
            seeds.compared_sites,
        ),
        Target(
            "diff",
            ("old.yaml", "new.yaml"),
            tuple(f"diff @old.yaml @new.yaml --juju {release}" for release in _RELEASES),
            seeds.differences,
        ),
        Target(
            "terraform",
            ("bundle.yaml", "overlay.yaml"),
            tuple(f"{_PLAN} --juju {release}" for release in _RELEASES[1:]),
            seeds.plans,
            check=_check_plan,
        ),
        Target(
            "picture",
            ("bundle.yaml", "overlay.yaml"),
            tuple(f"{_PICTURE} {release}" for release in _RELEASES[1:]),
            seeds.plans,
            check=_check_picture,
        ),
        Target(
            "profile",
            tuple(f"profiles/mine/{name}" for name in _PROFILE_FILES),
            ("profile check @profiles",),
            seeds.profiles,
        ),
        Target(
            "charm-directory",
            ("bundle.yaml", *(f"charms/fuzzed/{name}" for name in _CHARM_FILES)),
            _both("--charms @charms"),
            seeds.charms,
            optional=tuple(f"charms/fuzzed/{name}" for name in _CHARM_FILES),
        ),
        Target(
            "charm-archive",
            ("bundle.yaml", *(f"fuzzed/{name}" for name in _CHARM_FILES)),
            _both(""),
            seeds.archives,
            archive="fuzzed",
        ),
        Target(
            "kit",
            ("kit/kit.json", "kit/SHA256SUMS", "kit/site.yaml"),
            ("kit check @kit", "kit check @kit --format json", "kit list @kit"),
            seeds.kits,
        ),
        Target(
            "kit-archive",
            ("kit/kit.json", "kit/SHA256SUMS", "kit/site.yaml"),
            ("kit check @kit.tar", "kit list @kit.tar --format json"),
            seeds.kit_archives,
            archive="kit",
            packer="kit",
        ),
    )
}
