"""The command ``botlab status``."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from ...live.cluster.access import ClusterAccess
from ...live.cluster.of_lab import open_lab_cluster
from ...live.kubeconfig.fetch import has_control_plane
from ...live.lab import Lab
from ...live.live_model import LiveModel
from ...live.overview import lab_overview
from ...live.overview.lines import overview_lines
from ...live.time_limits import Deadline, parse_duration
from ..live_requests import Connection, connected, requested_lab
from ..output import print_json, print_line

OpenLabCluster = Callable[[LiveModel, Lab, float], ClusterAccess]


def run(
    args: argparse.Namespace,
    connection: Connection = connected,
    open_cluster: OpenLabCluster = open_lab_cluster,
) -> int:
    """Show a lab. The JSON is :class:`~botlab.live.overview.model.OverviewJson`.

    Args:
        args: The parsed arguments.
        connection: Connects to the model.
        open_cluster: Opens the cluster of the model.
    """
    deadline = Deadline(parse_duration(args.timeout, "--timeout"))
    lab = requested_lab(args)
    with connection(args) as model:

        def open_in_time() -> ClusterAccess:
            return open_cluster(model, lab, max(1.0, deadline.remaining or 1.0))

        overview = lab_overview(
            lab, model.status(), model.version, open_in_time if has_control_plane(lab) else None
        )
    if args.format == "json":
        print_json(overview.as_json())
    else:
        for line in overview_lines(overview):
            print_line(line)
    return 0 if overview.is_healthy else 1
