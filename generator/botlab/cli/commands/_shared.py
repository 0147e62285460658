"""From arguments to a job."""

from __future__ import annotations

import argparse
from pathlib import Path

from ...job import Job, Request, open_job


def job_of(args: argparse.Namespace, output: Path | None = None) -> Job:
    """Open the file that a command was given."""
    return open_job(
        Request(
            file=Path(args.file),
            juju=args.juju or "",
            layers=[Path(path) for path in args.layer],
            overlays=[Path(path) for path in args.overlay],
            charms=Path(args.charms) if args.charms else None,
            output=output,
        )
    )
