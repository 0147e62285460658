"""Assessment of the file that a command's arguments name."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..assessment import Assessment, Request, assess


def assess_arguments(args: argparse.Namespace, output: Path | None = None) -> Assessment:
    """Assess the site or bundle of a command's arguments.

    Args:
        args: The parsed arguments.
        output: The file that the bundle will be written to.
    """
    return assess(
        Request(
            file=Path(args.file),
            juju=args.juju or "",
            layers=[Path(path) for path in args.layer],
            overlays=[Path(path) for path in args.overlay],
            charms=Path(args.charms) if args.charms else None,
            output=output,
        )
    )
