"""The command ``botlab init``."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from ...catalogue.profiles import Profile, load_profile
from ...errors import BotlabError
from ...inventory.profile_roles import roles_of
from ...inventory.proposal import Proposal, propose
from ...inventory.selection import Filters
from ...inventory.site_lines import starter_values
from ...inventory.tag_script import tag_script
from ...shell import command_line, file_operand
from ...site.starter import StarterValues, starter_text
from ...starter_profile import starter_profile
from ..files import check_new, write_new
from ..maas_input import read_maas
from ..output import print_document, print_line
from ..requests import given_options, requested_profiles

_SCRIPT = "--tag-script"
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def run(args: argparse.Namespace) -> int:
    """Write a site file to start from."""
    if not _NAME.fullmatch(args.name):
        raise BotlabError(
            f"{args.name!r} is not a valid site name; use lower-case letters, digits and hyphens"
        )
    library = requested_profiles(args)
    profile, juju = starter_profile(args.profile, args.juju or "", library)
    proposal = _proposal(args, load_profile(profile.name, "", library))
    script = tag_script(args.name, proposal) if proposal and args.tag_script else ""
    values = starter_values(proposal, args.tag_script or "") if proposal else StarterValues()
    text = starter_text(args.name, juju.value, values, profile)
    output = None if args.output == "-" else Path(args.output or f"{args.name}.yaml")
    _check_outputs(output, Path(args.tag_script) if script else None)
    if output is None:
        print_document(text)
    else:
        _write_site(output, text, given_options(args, "profiles"))
    if script:
        _write_script(Path(args.tag_script), script)
    return 0


def _check_outputs(site: Path | None, script: Path | None) -> None:
    """Check that both files can be written before one of them is."""
    if site is not None:
        check_new(site, "--output")
    if script is not None:
        if str(script) == "-":
            raise BotlabError(f"{_SCRIPT} -: the script needs a file; name one")
        check_new(script, _SCRIPT)
    if site is not None and site == script:
        raise BotlabError(f"{site}: is the site file; name another file with {_SCRIPT}")


def _write_site(path: Path, text: str, options: Sequence[str]) -> None:
    write_new(path, text)
    command = command_line("botlab", "validate", file_operand(str(path)), *options)
    print_line(f"{path}: written; edit it, then run: {command}")


def _write_script(path: Path, script: str) -> None:
    write_new(path, script, _SCRIPT)
    command = command_line("sh", file_operand(str(path)), "PROFILE")
    print_line(f"{path}: written; read it, then run: {command}", stream=sys.stderr)


def _proposal(args: argparse.Namespace, profile: Profile) -> Proposal | None:
    """Return the proposal for the machines of MAAS; None without ``--maas``."""
    inventory = read_maas(args.maas)
    if inventory is None:
        _refuse_options(args)
        return None
    roles = roles_of(profile)
    proposal = propose(inventory, roles, Filters(args.pool, args.tag, args.zone, args.exclude))
    for note in proposal.notes:
        print_line(f"{inventory.source}: {note}", stream=sys.stderr)
    return proposal


def _refuse_options(args: argparse.Namespace) -> None:
    options = {
        "--pool": args.pool,
        "--zone": args.zone,
        "--tag": args.tag,
        "--exclude": args.exclude,
        _SCRIPT: args.tag_script,
    }
    unused = [option for option, value in options.items() if value]
    if unused:
        raise BotlabError(
            f"{', '.join(unused)}: {'needs' if len(unused) == 1 else 'need'} the machines of MAAS;"
            " add --maas FILE"
        )
