"""The command ``botlab kit``."""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Generator, Sequence
from pathlib import Path

from ...assessment import Request
from ...errors import BotlabError
from ...file_output import Output, output_of
from ...kit.charms import architecture_notes
from ...kit.collect import KitRequest, collect, make_kit, registry_problems
from ...kit.errors import KitError
from ...kit.items import Item, Kind, directories_of
from ...kit.manifest import ItemEntry, Manifest, entries_of, is_missing, item_as_json
from ...kit.needs import read_images
from ...kit.reading import KitFiles, is_archive, manifest_of, read_kit
from ...kit.verification import added_items, problems
from ...shell import command_line, file_operand
from ...signals import ended_by_signals
from ..files import check_not_input
from ..output import print_json, print_line
from ..requests import requested_profiles
from ..style import counted

_CHECK, _LIST = "check", "list"


def run(args: argparse.Namespace) -> int:
    """Make a kit, check one, or list what a lab or a kit needs."""
    task, subject = _task(args)
    if task == _CHECK:
        return _check(args, subject)
    try:
        with ended_by_signals():
            return _list(args, subject) if task == _LIST else _make(args, subject)
    except KitError as error:
        return _refuse(args, error)


def _task(args: argparse.Namespace) -> tuple[str, Path]:
    """Return the task and its file: a kit or a site."""
    if args.subject not in (_CHECK, _LIST):
        if args.kit is not None:
            raise BotlabError(
                f"{args.subject}: is neither check nor list, so {args.kit} is too much"
            )
        if not args.output:
            raise BotlabError(f"{args.subject}: name the file of the kit with --output")
        return "", Path(args.subject)
    if args.kit is None:
        kinds = "KIT" if args.subject == _CHECK else "SITE or KIT"
        raise BotlabError(f"botlab kit {args.subject}: name the {kinds}")
    if args.output:
        raise BotlabError(f"botlab kit {args.subject}: writes nothing, so remove --output")
    return args.subject, Path(args.kit)


def _request(args: argparse.Namespace, site: Path) -> KitRequest:
    return KitRequest(
        Request(
            file=site,
            layers=[Path(layer) for layer in args.layer],
            profiles=requested_profiles(args),
        ),
        source=args.source or "",
        images=read_images([Path(file) for file in args.images]),
        partial=args.partial,
    )


def _make(args: argparse.Namespace, site: Path) -> int:
    path = Path(args.output)
    if args.output == "-" or path.is_dir():
        raise BotlabError(f"{path}: cannot be the kit; name a file with --output, such as lab.tar")
    output = output_of(path)
    if not output.target.parent.is_dir():
        raise BotlabError(f"{path}: cannot be written, because {path.parent} is not a directory")
    check_not_input(path, (str(site), *args.layer, *args.images))
    _check_replaced(output)
    manifest = make_kit(_request(args, site), output)
    if args.format == "json":
        print_json(_report(path, [], manifest))
        return 0
    size = sum(file.size for file in manifest.files)
    print_line(f"{path}: written; {counted(len(manifest.files), 'file')}, {_size(size)}")
    _print_missing(manifest)
    print_line("Next:")
    print_line(f"  copy {path} into the lab, unpack it, and follow INSTALL.md in it")
    return 0


def _check_replaced(output: Output) -> None:
    """Check that nothing but a kit is replaced.

    Raises:
        BotlabError: When the file exists and is not a kit.
    """
    if output.status is None:
        return
    try:
        with _opened(output.target) as files:
            manifest_of(files)
    except BotlabError:
        raise BotlabError(
            f"{output.name}: is not a kit; name another file with --output, or remove it"
        ) from None


@contextlib.contextmanager
def _opened(kit: Path) -> Generator[KitFiles]:
    """Open a kit for the length of a ``with`` block."""
    files, stream = read_kit(kit)
    try:
        yield files
    finally:
        if stream is not None:
            stream.close()


def _print_missing(manifest: Manifest) -> None:
    if manifest.missing:
        print_line(f"{counted(len(manifest.missing), 'item')} missing:", stream=sys.stderr)
    for item in manifest.missing:
        print_line(f"  {item.title}: {item.get}", stream=sys.stderr)


def _refuse(args: argparse.Namespace, error: KitError) -> int:
    if args.format == "json":
        print_json({"ok": False, "problems": error.reasons})
        return error.exit_status
    print_line(f"{error.subject}:", stream=sys.stderr)
    for reason in error.reasons:
        print_line(f"  {reason}", stream=sys.stderr)
    return error.exit_status


def _check(args: argparse.Namespace, kit: Path) -> int:
    """Compare the files of a kit with its table of contents."""
    with _opened(kit) as files:
        manifest = manifest_of(files)
        faults, added = problems(files, manifest), added_items(files, manifest)
    if args.format == "json":
        print_json(_report(kit, faults, manifest, added))
    else:
        _print_check(kit, manifest, faults, added)
    return 1 if faults else 0


def _report(
    kit: Path, faults: Sequence[str], manifest: Manifest, added: Sequence[Item] = ()
) -> dict[str, object]:
    """Return the stable JSON form of what is wrong with a kit."""
    lacking = [item for item in manifest.missing if item not in added]
    missing = [item_as_json(ItemEntry(item, included=False)) for item in lacking]
    return {"kit": str(kit), "ok": not faults, "problems": list(faults), "missing": missing}


def _print_check(
    kit: Path, manifest: Manifest, faults: Sequence[str], added: Sequence[Item]
) -> None:
    for problem in faults:
        print_line(f"{kit}: {problem}")
    if faults:
        return
    missing = len(manifest.missing) - len(added)
    parts = [f"{len(manifest.files)} files are as they were written"]
    if added:
        parts.append(f"{counted(len(added), 'missing item')} added later, which cannot be checked")
    if missing:
        listing = command_line("botlab", "kit", "list", file_operand(str(kit)))
        parts.append(f"{counted(missing, 'item')} of the lab not in it (`{listing}` shows them)")
    print_line(f"{kit}: {'; '.join(parts)}")


def _list(args: argparse.Namespace, subject: Path) -> int:
    entries = _entries(args, subject)
    if args.format == "json":
        print_json({"items": [item_as_json(entry) for entry in entries]})
        return 0
    for kind in Kind:
        _print_kind(kind, [entry for entry in entries if entry.item.kind is kind])
    missing = [entry.item for entry in entries if is_missing(entry)]
    if directories := directories_of(missing):
        print_line("Run the commands in a directory for --from, and first:")
        print_line(f"  {command_line('mkdir', '-p', *directories)}")
    print_line(f"{counted(len(entries), 'item')}; {counted(len(missing), 'file')} missing")
    return 0


def _entries(args: argparse.Namespace, subject: Path) -> Sequence[ItemEntry]:
    """Return the items of a kit, or of a site and its source."""
    if _is_kit(subject):
        with _opened(subject) as files:
            return entries_of(manifest_of(files), files.entries)
    with tempfile.TemporaryDirectory(prefix="botlab.") as directory:
        collected = collect(_request(args, subject), Path(directory))
    staged = collected.staged
    for note in (*registry_problems(staged.assessment), *architecture_notes(staged)):
        print_line(f"note: {note}", stream=sys.stderr)
    if collected.problems:
        raise KitError(f"{subject}: has files that cannot be used", collected.problems)
    return collected.entries()


def _is_kit(path: Path) -> bool:
    """Return whether a file is a kit rather than a site, by its name or its content."""
    if path.is_dir() or path.suffix == ".tar":
        return True
    return path.suffix not in (".yaml", ".yml") and is_archive(path)


def _print_kind(kind: Kind, entries: Sequence[ItemEntry]) -> None:
    if not entries:
        return
    print_line(f"{kind.title}:")
    for entry in entries:
        item = entry.item
        version = f" {item.version}" if item.version else ""
        target = f" -> {item.target}" if item.target else ""
        print_line(f"  [{_state(entry)}] {item.name}{version}{target}")
        if not entry.included:
            print_line(f"      {item.get}")


def _state(entry: ItemEntry) -> str:
    if entry.included:
        return "in the kit"
    return "missing" if is_missing(entry) else "of the lab"


def _size(size: int) -> str:
    for unit, factor in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} bytes"
