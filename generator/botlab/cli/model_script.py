"""The script of ``botlab render --model-config-script``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..assessment import Assessment
from ..errors import BotlabError
from ..render.model_script import model_script
from .files import check_not_input, check_output, write_marked_file
from .output import print_line

_OPTION = "--model-config-script"
# The options may have the password of a proxy.
_MODE = 0o700


def check_script(args: argparse.Namespace, output: Path | None) -> None:
    """Check that the script can be written, before any work is done.

    Args:
        args: The arguments of the command.
        output: The file of the bundle; None when it is printed.

    Raises:
        BotlabError: When the script has no file of its own, or a plan would replace it.
    """
    if not args.model_config_script:
        return
    if args.format != "bundle":
        raise BotlabError(f"{_OPTION}: a Terraform plan sets the options itself; omit this option")
    if args.model_config_script == "-":
        raise BotlabError(f"{_OPTION} -: the script needs a file; name one")
    script = Path(args.model_config_script)
    check_output(script, _OPTION)
    check_not_input(script, (args.file, *args.layer, *args.overlay), _OPTION)
    if output is not None and script.resolve() == output.resolve():
        raise BotlabError(f"{script}: is the bundle; name another file with {_OPTION}")


def write_script(args: argparse.Namespace, assessment: Assessment) -> Path | None:
    """Write the script where it is asked for and the site needs it; return its file.

    Raises:
        BotlabError: When the file may not be replaced, or cannot be written.
    """
    if not args.model_config_script or assessment.site is None:
        return None
    script, name = Path(args.model_config_script), assessment.site.site
    text = model_script(name, assessment.model_options, assessment.juju)
    if not text:
        print_line(
            f"{script}: not written, because the site sets no options of the model",
            stream=sys.stderr,
        )
        return None
    outcome = write_marked_file(script, text, force=args.force, option=_OPTION, mode=_MODE)
    if outcome.copy:
        print_line(f"{outcome.copy}: is the copy of the old file", stream=sys.stderr)
    change = "written" if outcome.changed else "unchanged"
    print_line(f"{script}: {change}", stream=sys.stderr)
    return script
