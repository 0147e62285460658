"""The command ``botlab runbook``."""

from __future__ import annotations

import argparse
import functools
import os.path
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from ...assessment import Assessment, is_bundle
from ...bundle.includes import Include
from ...errors import BotlabError
from ...findings import KeyPath, has_errors
from ...render.marker import add_markup_mark
from ...runbook.document import runbook_text
from ...runbook.lab import Files, RunbookLab
from ...shell import file_operand, repeated
from ...text_files import read_text
from ..files import check_not_input, check_output, write_marked_file
from ..output import print_document, print_line
from ..requests import assess_arguments, full_findings, requested_directory
from ..style import print_findings

_BUNDLE = "bundle.yaml"
_RUNBOOK = "RUNBOOK.md"


def run(args: argparse.Namespace) -> int:
    """Write the runbook of a site. Nothing is written when the site has errors."""
    site = Path(args.file)
    to_stdout = args.output == "-"
    output = Path(args.output) if args.output and not to_stdout else site.with_name(_RUNBOOK)
    if not to_stdout:
        check_output(output)
        check_not_input(output, (args.file, *args.layer, *args.overlay))
    if is_bundle(read_text(site), args.file):
        raise BotlabError(f"{args.file}: is a bundle; runbook needs a site file")
    # Relative paths of a site that is a link start at its file, so the commands run there.
    assessment = assess_arguments(args, site.resolve().with_name(_BUNDLE))
    if has_errors(assessment.findings) or assessment.site is None:
        print_findings(assessment.findings, args.file, sys.stderr, full=full_findings(args))
        print_line(f"{args.file}: no runbook was written", stream=sys.stderr)
        return 1
    text = _text(args, assessment)
    if to_stdout:
        print_document(text)
    else:
        _write(output, text, force=args.force)
    return 0


def _write(output: Path, text: str, *, force: bool) -> None:
    outcome = write_marked_file(output, text, force=force)
    if outcome.copy:
        print_line(f"{outcome.copy}: is the copy of the old file")
    print_line(f"{output}: {'written' if outcome.changed else 'unchanged'}")


def _text(args: argparse.Namespace, assessment: Assessment) -> str:
    """Return the runbook with its mark."""
    assert assessment.site is not None
    assert assessment.bundle is not None
    lab = RunbookLab(
        assessment.site,
        assessment.bundle,
        assessment.juju,
        assessment.charms,
        _files(args, assessment),
        assessment.model_options,
        assessment.profiles,
    )
    return add_markup_mark(runbook_text(lab), assessment.text, "site file")


def _files(args: argparse.Namespace, assessment: Assessment) -> Files:
    """Return the names of the files from the directory of the site file, where commands run."""
    site = Path(args.file).resolve()
    directory = site.parent
    names = functools.partial(_relative_paths, directory=directory)
    layers = names(map(Path, args.layer))
    options = repeated("--layer", layers)
    # The relative paths of an overlay that is a link start at its file, too.
    overlays = names(Path(path).resolve() for path in args.overlay)
    options += repeated("--overlay", overlays)
    options += ["--juju", args.juju] if args.juju else []
    options += repeated("--profiles", names(map(Path, filter(None, [requested_directory(args)]))))
    return Files(
        _relative(site, directory),
        _BUNDLE,
        tuple(options),
        overlays=(*names(_overlays_of_site(assessment)), *overlays),
        layers=layers,
        profiles=names(_profile_directories(assessment)),
        includes=_includes(assessment, directory),
        runbook=_runbook_file(args, directory),
        directory=str(directory),
    )


def _overlays_of_site(assessment: Assessment) -> tuple[Path, ...]:
    """Return the overlays that the site names, which precede those of the command line."""
    number = len(assessment.site.overlays) if assessment.site else 0
    return assessment.overlays[:number]


def _profile_directories(assessment: Assessment) -> Iterator[Path]:
    for source in assessment.profiles.own.values():
        if source.directory:
            yield source.directory


def _includes(assessment: Assessment, directory: Path) -> dict[KeyPath, tuple[str, ...]]:
    """Return the files of include directives."""
    return {
        key: tuple(_include_path(include, directory) for include in includes)
        for key, includes in assessment.includes.items()
    }


def _include_path(include: Include, directory: Path) -> str:
    """Return the path of an included file. Only directives with absolute paths keep them."""
    return include.file if include.is_absolute else _relative(Path(include.file), directory)


def _runbook_file(args: argparse.Namespace, directory: Path) -> str:
    """Return the file of the runbook if it is not the usual one."""
    if args.output in (None, "", "-"):
        return ""
    file = _relative(Path(args.output), directory)
    return "" if file == _RUNBOOK else file


def _relative_paths(paths: Iterable[Path], directory: Path) -> tuple[str, ...]:
    return tuple(_relative(path, directory) for path in paths)


def _relative(path: Path, directory: Path) -> str:
    """Return a path from a directory, which never looks like an option."""
    return file_operand(os.path.relpath(path.absolute(), directory))
