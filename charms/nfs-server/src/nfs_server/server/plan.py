"""The plan of exports: every share that is exported, and to whom."""

from typing import List, Mapping, NamedTuple, Optional, Sequence

from labcharm.text import summarize
from nfs_server.options import Options
from nfs_server.related_clients import RelatedClient, share_of
from nfs_server.server.clients import is_open
from nfs_server.server.export_table import desired_table
from nfs_server.server.shares import Share


class ExportPlan(NamedTuple):
    """The shares that are exported.

    Attributes:
        root: The export root, with the cluster's nodes as trusted clients.
        shares: The shares of the option `shares`.
        client_shares: The shares of related applications.
        refused: Networks of related applications that are not admitted, as strings.
    """

    root: Share
    shares: List[Share]
    client_shares: List[Share]
    refused: List[str]

    def all_shares(self) -> List[Share]:
        """Return all shares, the export root first."""
        return [self.root, *self.shares, *self.client_shares]


class CurrentPlan(NamedTuple):
    """What actions work with: the plan by everything that is known now.

    Attributes:
        options: The charm's options.
        plan: The exports.
        storage_path: Where Juju's storage is mounted; None without one.
    """

    options: Options
    plan: ExportPlan
    storage_path: Optional[str]


def make_plan(
    options: Options,
    nodes: Sequence[str],
    related_clients: Sequence[RelatedClient],
    recorded: Mapping[str, str],
) -> ExportPlan:
    """Return the exports for options, nodes and related applications.

    Args:
        options: The charm's options.
        nodes: The addresses of the cluster's nodes. Their root stays root, because the provisioner
            makes directories for any user, and pods change the owner of theirs as they start.
        related_clients: The related applications.
        recorded: The directories that applications have already. These never move, because their
            files would not move with them.
    """
    parent = options.applications_root or options.export_root.path
    client_shares = [
        share_of(client, recorded.get(client.application, f"{parent}/{client.application}"))
        for client in related_clients
    ]
    refused = [
        f"{summarize(client.refused)} for {client.application}"
        for client in related_clients
        if client.refused
    ]
    root = options.export_root._replace(trusted=tuple(nodes))
    return ExportPlan(root, list(options.shares), client_shares, refused)


def summarize_plan(plan: ExportPlan) -> str:
    """Return how much is exported, and what is open to everybody."""
    table = desired_table(plan.all_shares())
    directories, clients = {path for path, _ in table}, {client for _, client in table}
    message = (
        f"{_count(len(directories), 'directory', 'directories')} exported to"
        f" {_count(len(clients), 'client', 'clients')}"
    )
    open_paths = sorted({path for path, client in table if is_open(client)})
    if open_paths:
        message += f"; open to everybody: {summarize(open_paths)}"
    if plan.refused:
        message += f"; not exported to {summarize(plan.refused)}, which needs allow-world=true"
    return message


def _count(number: int, singular: str, plural: str) -> str:
    return f"{number} {singular if number == 1 else plural}"
