"""The command ``botlab picture``."""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from ...bundle.write import write_bundle
from ...errors import BotlabError
from ...file_output import encode
from ...picture.geometry import Drawing
from ...picture.layout import drawing_of
from ...picture.model import LabPicture
from ...picture.of_bundle import picture_of
from ...picture.page import write_page
from ...picture.png_mark import add_png_mark
from ...picture.svg import write_svg
from ...plan import PlanError
from ...render.marker import add_markup_mark
from ...rules.lab.facts import Facts
from ..files import check_not_input, check_output, write_generated_file
from ..live_requests import Connection, connected
from ..maas_input import read_maas
from ..output import print_document, print_line
from ..png import find_browser, write_png
from ..requests import assess_arguments, blocking_without_charms, full_findings
from ..style import print_findings

_FORMATS = ("svg", "html", "png")
_NOT_IN_NAME = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class _Picture:
    """A picture with its origin.

    Attributes:
        picture: The picture.
        source: The text of what it shows.
        origin: What to change instead of the file of the picture.
    """

    picture: LabPicture
    source: str
    origin: str


def run(args: argparse.Namespace, connection: Connection = connected) -> int:
    """Draw a lab.

    Args:
        args: The parsed arguments.
        connection: Connects to the model, for ``--live``.
    """
    _check(args)
    file_format = _format(args)
    browser = find_browser() if file_format == "png" else ""
    if args.output and args.output != "-":
        _check_file(args, Path(args.output))
    drawn = _live_picture(args, connection) if args.live else _planned_picture(args)
    if drawn is None:
        return 1
    output = Path(args.output) if args.output else _default(args, drawn.picture, file_format)
    drawing = drawing_of(drawn.picture, is_grouped=False if args.every_machine else None)
    if file_format == "png":
        image = write_png(drawing, args.theme, browser, output.resolve().parent)
        return _write(args, output, add_png_mark(image, drawn.source), drawing)
    text = (write_page if file_format == "html" else write_svg)(drawing, args.theme)
    text = add_markup_mark(text, drawn.source, drawn.origin)
    if args.output == "-":
        print_document(text)
        return 0
    return _write(args, output, encode(output, text), drawing)


def _check(args: argparse.Namespace) -> None:
    """Check that the arguments fit each other.

    Raises:
        BotlabError: When they do not.
    """
    if not args.live and not args.file:
        raise BotlabError("FILE is missing; name a site or a bundle, or add --live")
    if not args.live and (args.model or args.controller):
        raise BotlabError("--model and --controller need --live")
    if not args.file and (args.layer or args.overlay or args.charms):
        raise BotlabError("--layer, --overlay and --charms need the site or bundle; name it")
    if args.live and args.maas:
        raise BotlabError("--maas is for a lab that does not run; the model knows its hardware")


def _format(args: argparse.Namespace) -> str:
    """Return the format: that of ``--format``, or that of the output's ending.

    Raises:
        BotlabError: When there is no such format, or a PNG is to be printed.
    """
    output = args.output or ""
    ending = Path(output).suffix.lower().removeprefix(".")
    ending = "html" if ending == "htm" else ending
    chosen = args.format or (ending if output not in ("", "-") else "svg")
    if chosen not in _FORMATS:
        raise BotlabError(
            f"{output}: ends in none of .svg, .html and .png; choose another name, or add --format"
        )
    if chosen == "png" and output == "-":
        raise BotlabError("a PNG is not text; name a file with --output")
    return chosen


def _check_file(args: argparse.Namespace, output: Path) -> None:
    check_output(output)
    check_not_input(output, [*([args.file] if args.file else []), *args.layer, *args.overlay])


def _default(args: argparse.Namespace, picture: LabPicture, file_format: str) -> Path:
    """Return the file that is written without ``--output``."""
    name = _NOT_IN_NAME.sub("-", picture.title).strip(".-") or "lab"
    directory = Path(args.file).parent if args.file else Path()
    output = directory / f"{name}.{file_format}"
    _check_file(args, output)
    return output


def _planned_picture(args: argparse.Namespace) -> _Picture | None:
    """Return the picture of a site or bundle; None if it has errors, which are printed."""
    assessment = assess_arguments(args)
    blocking = blocking_without_charms(assessment)
    bundle = assessment.bundle
    if blocking or bundle is None:
        findings = blocking or assessment.findings
        print_findings(findings, args.file, sys.stderr, full=full_findings(args))
        print_line(f"{args.file}: no picture was drawn", stream=sys.stderr)
        return None
    site = assessment.site
    if args.maas and not site:
        raise BotlabError(f"{args.file}: is a bundle, but --maas needs a site")
    maas = read_maas(args.maas)
    facts = Facts(assessment.subject(maas))
    try:
        picture = picture_of(facts, site.site if site else _stem(args.file))
    except PlanError as error:
        raise BotlabError(f"{args.file}: {error}") from None
    return _Picture(picture, write_bundle(bundle), "site file" if site else "bundle")


def _stem(file: str) -> str:
    """Return the name of a bundle's file, or of its directory if that says more."""
    path = Path(file).resolve()
    return path.parent.name if path.stem == "bundle" and path.parent.name else path.stem


def _live_picture(args: argparse.Namespace, connection: Connection) -> _Picture:
    # Imported here, because the picture of a file needs no controller.
    from ...live.picture import live_picture
    from ..live_requests import requested_lab

    lab = requested_lab(args) if args.file else None
    with connection(args) as model:
        status = model.status()
        picture = live_picture(status, model.juju, lab)
    return _Picture(picture, repr(picture), "model")


def _write(args: argparse.Namespace, output: Path, content: bytes, drawing: Drawing) -> int:
    outcome = write_generated_file(output, content, force=args.force)
    if outcome.copy:
        print_line(f"{outcome.copy}: is the copy of the old file")
    change = "written" if outcome.changed else "unchanged"
    print_line(f"{output}: {change}; {drawing.width} x {drawing.height} pixels")
    return 0
