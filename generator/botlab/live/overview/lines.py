"""The overview of a lab as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .model import MachineRow, NodeRow, Overview, PoolRow

# More rows than this do not fit on a screen. Rows that are as they should be are then counted.
_MOST_ROWS = 16


def overview_lines(overview: Overview) -> Iterator[str]:
    """Yield the lines of an overview."""
    health = "healthy" if overview.is_healthy else "not healthy"
    place = f"{overview.controller}:{overview.model}" if overview.controller else overview.model
    yield f"{overview.lab}: {health} (model {place}, Juju {overview.juju})"
    yield from _machine_lines(overview)
    yield from _application_lines(overview)
    yield from _cluster_lines(overview)
    yield from _service_lines(overview)
    yield from _fault_lines(overview)


def _machine_lines(overview: Overview) -> Iterator[str]:
    readiness = overview.readiness
    containers = readiness.containers
    more = f", containers {containers} started" if containers.expected else ""
    yield f"machines: {readiness.machines} started{more}"
    unusual = [row for row in overview.machines if row.state != "started"]
    rows = overview.machines if len(overview.machines) <= _MOST_ROWS else unusual
    for row in rows:
        yield f"  {_machine_text(row)}"
    if len(rows) < len(overview.machines):
        yield f"  and {len(overview.machines) - len(rows)} more that are started"


def _machine_text(row: MachineRow) -> str:
    address = row.addresses[0] if row.addresses else ""
    parts = (row.name, row.host, address, row.state, " ".join(row.units))
    return "  ".join(part for part in parts if part)


def _application_lines(overview: Overview) -> Iterator[str]:
    counts = overview.readiness.applications
    units = [f"{name} {count.ready}/{count.expected}" for name, count in counts.items()]
    yield f"units ready: {', '.join(units)}"


def _cluster_lines(overview: Overview) -> Iterator[str]:
    channel = f"channel {overview.channel}" if overview.channel else "channel not known"
    if overview.cluster is None:
        if overview.cluster_problem:
            yield f"cluster ({channel}): cannot be read: {overview.cluster_problem}"
        return
    nodes = overview.cluster.nodes
    ready = sum(node.is_ready for node in nodes)
    yield (
        f"cluster: {overview.cluster.server} answers, version {overview.cluster.version}"
        f" ({channel}), {ready} of {len(nodes)} nodes ready"
    )
    unusual = [node for node in nodes if not node.is_ready or node.note or not node.fits_channel]
    rows = nodes if len(nodes) <= _MOST_ROWS else unusual
    for node in rows:
        yield f"  {_node_text(node)}"
    if len(rows) < len(nodes):
        yield f"  and {len(nodes) - len(rows)} more that are ready"
    yield _gpu_text(nodes)
    classes = [
        f"{name} (default)" if is_default else name
        for name, is_default in overview.cluster.storage_classes
    ]
    yield f"storage classes: {', '.join(classes) or 'none'}"


def _node_text(node: NodeRow) -> str:
    state = "ready" if node.is_ready else "not ready"
    version = node.version + ("" if node.fits_channel is not False else " (not of the channel)")
    gpus = (
        f"{node.gpus_used} of {node.gpus_allocatable} GPUs used" if node.gpus_allocatable else ""
    )
    parts = (node.name, state, version, gpus, node.note)
    return "  ".join(part for part in parts if part)


def _gpu_text(nodes: Sequence[NodeRow]) -> str:
    total = sum(node.gpus_allocatable for node in nodes)
    return f"GPUs: {sum(node.gpus_used for node in nodes)} of {total} used"


def _service_lines(overview: Overview) -> Iterator[str]:
    for pool in overview.pools:
        yield f"addresses: {_pool_text(pool)}"
    if "kubeflow-installer" in overview.readiness.applications:
        yield f"Kubeflow: {overview.kubeflow_url or 'its URL is not known yet'}"


def _pool_text(pool: PoolRow) -> str:
    ranges = ", ".join(pool.ranges)
    if pool.used is None:
        return f"pool {pool.name} ({ranges}): {pool.total} addresses"
    usage = f"{pool.used} of {pool.total} addresses used, {pool.free} free"
    return f"pool {pool.name} ({ranges}): {usage}"


def _fault_lines(overview: Overview) -> Iterator[str]:
    missing = overview.readiness.missing
    if missing:
        yield "not ready:"
    for part in missing:
        yield f"  {part}"
        if part.fix:
            yield f"      fix: {part.fix}"
    if overview.problems:
        yield "problems:"
    for problem in overview.problems:
        yield f"  {problem}"
    for note in overview.readiness.notes:
        yield f"note: {note}"
