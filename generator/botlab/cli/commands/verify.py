"""The command ``botlab verify``."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Generator
from pathlib import Path

from ...live.cluster.access import ClusterAccess
from ...live.cluster.api import open_cluster
from ...live.time_limits import Deadline, parse_duration
from ...live.verify import Check, VerifyReport, verify_lab
from ...text_files import read_text
from ...visible_text import visible
from ..live_requests import Connection, connected, requested_lab
from ..output import Painted, print_json, print_line
from ..style import uses_colours

_GREEN, _RED, _PLAIN = "\033[32m", "\033[31m", "\033[0m"
_OUT_OF_TIME = 3


def run(args: argparse.Namespace, connection: Connection = connected) -> int:
    """Run the checks of the charms and of the cluster, and print them as one table.

    Args:
        args: The parsed arguments.
        connection: Connects to the model.
    """
    deadline = Deadline(parse_duration(args.timeout, "--timeout"))
    lab = requested_lab(args)
    with _cluster_of_file(args.kubeconfig) as cluster, connection(args) as model:
        report = verify_lab(model, lab, cluster, deadline)
    if args.format == "json":
        print_json(report.as_json())
    else:
        _print_report(report)
    if report.is_out_of_time:
        return _OUT_OF_TIME
    return 0 if report.is_ok else 1


@contextlib.contextmanager
def _cluster_of_file(name: str) -> Generator[ClusterAccess | None]:
    """Yield the cluster of a kubeconfig of the user; None if no file is named.

    Raises:
        BotlabError: When the file cannot be read or used.
    """
    if not name:
        yield None
        return
    file = Path(name)
    with contextlib.closing(open_cluster(read_text(file), name, file.resolve().parent)) as cluster:
        yield cluster


def _print_report(report: VerifyReport) -> None:
    places = [check.unit or "cluster" for check in report.checks]
    widths = _width(places), _width([check.name for check in report.checks])
    for check, place in zip(report.checks, places, strict=True):
        _print_check(check, place, widths)
    total, failed = len(report.checks), len(report.failures)
    print_line(f"{total} checks, {failed} failed")


def _print_check(check: Check, place: str, widths: tuple[int, int]) -> None:
    columns = _padded(place, widths[0]), _padded(check.name, widths[1])
    print_line(_result_text(check), "  ", columns[0], "  ", columns[1], "  ", check.message)


def _result_text(check: Check) -> str:
    text = "ok    " if check.is_ok else "FAILED"
    if not uses_colours(sys.stdout):
        return text
    return Painted(f"{_GREEN if check.is_ok else _RED}{text}{_PLAIN}")


def _width(texts: list[str]) -> int:
    return max((len(visible(text)) for text in texts), default=0)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - len(visible(text)))
