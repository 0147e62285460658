"""Rules about what Kubeflow requires of the cluster, as far as a site or bundle shows it."""

from __future__ import annotations

from collections.abc import Iterator

from ....address_spans import Span
from ....catalogue.kubeflow import INOTIFY_LIMITS, LAST_WITHOUT_TOKENS, TOKEN_FLAGS, Release
from ....decimals import bounded_int, is_decimal
from ....findings import Severity
from ....site_model_options import CLOUD_INIT, limit_commands, missing_limits, needs_cloud_init
from ..facts import ALL_CONTROL_PLANES, CONTROL_PLANES, INSTALLER, WORKER, Facts
from ..options.address_pools import address_pools, pool_ranges
from ..options.cluster_features import LOAD_BALANCER, LOCAL_STORAGE, clusters_with
from ..options.exports import NFS_SERVER
from ..options.installers import installers
from ..rule import CLUSTER_KEYS, PLACEMENT_KEYS, Violation, rule
from ..worker_sizes import can_suffice, worker_groups


@rule("BL058", Severity.WARNING, depends_on=("nfs",))
def missing_default_class(facts: Facts) -> Iterator[Violation]:
    """Yield the Kubeflow of a site that does not create a default StorageClass."""
    if facts.site is None:
        return
    servers = [name for name, _ in facts.applications_of(NFS_SERVER)]
    if any(facts.option(name, "default-class").lower() != "false" for name in servers):
        return
    if any(clusters_with(facts, LOCAL_STORAGE)):
        return  # The class of the local storage is the default if no other class is.
    for name, _ in facts.applications_of(INSTALLER):
        option = ("applications", servers[0], "options", "default-class") if servers else ()
        yield Violation(
            option or ("applications", name),
            "Kubeflow needs a default StorageClass, and the site does not create one",
            "set default-class to true" if servers else "add nfs with default-class: true",
        )


@rule("BL059", Severity.WARNING, depends_on=("metallb",))
def missing_load_balancer(facts: Facts) -> Iterator[Violation]:
    """Yield the Kubeflow of a site that does not have address pools."""
    site = facts.site
    has_balancer = any(clusters_with(facts, LOAD_BALANCER))
    if site and site.kubeflow and not site.metallb and not has_balancer:
        yield Violation(
            ("kubeflow",),
            "Kubeflow's dashboard needs an address, and the site has no address pools",
            "add metallb with an address pool",
            in_site=True,
        )


@rule("BL067", Severity.WARNING)
def no_automatic_pool(facts: Facts) -> Iterator[Violation]:
    """Yield the address pools of a site with Kubeflow, if services must name each of them."""
    pools = address_pools(facts) if facts.site and facts.site.kubeflow else []
    if pools and not any(pool.is_automatic for pool in pools):
        yield Violation(
            pools[0].option_path,
            "every pool has auto-assign: false, so Kubeflow's gateway gets no address",
            "remove auto-assign: false from one pool",
        )


@rule("BL076", Severity.WARNING, depends_on=CLUSTER_KEYS)
def missing_service_account_tokens(facts: Facts) -> Iterator[Violation]:
    """Yield the control planes that lack the flags that the release's Istio needs."""
    needing = [entry for entry in installers(facts) if entry.release.needs_projected_tokens]
    is_old = facts.kubernetes is not None and facts.kubernetes <= LAST_WITHOUT_TOKENS
    if not needing or not is_old:
        return
    # The issuer and the key enable the tokens. The audiences are only for Istio.
    required = {flag.partition("=")[0] for flag in TOKEN_FLAGS[:2]}
    for name, _ in facts.applications_of(*CONTROL_PLANES):
        flags = facts.option(name, "api-extra-args").split()
        if not required <= {flag.partition("=")[0] for flag in flags}:
            yield Violation(
                ("applications", name, "options", "api-extra-args"),
                f"{name} does not issue service account tokens with an audience, which Kubeflow"
                f" {needing[0].release.name} needs",
                f"add to its api-extra-args: {' '.join(TOKEN_FLAGS)}",
            )


@rule("BL077", Severity.WARNING, depends_on=PLACEMENT_KEYS + CLUSTER_KEYS)
def small_workers(facts: Facts) -> Iterator[Violation]:
    """Yield the workers whose constraints ask for less than the release needs."""
    groups = worker_groups(facts)
    for installer in installers(facts) if facts.applications_of(*ALL_CONTROL_PLANES) else ():
        release = installer.release
        if not groups:
            yield Violation(
                ("applications", installer.name),
                "the cluster has no worker, so Kubeflow's pods cannot run",
                "give machines the role worker",
            )
        elif not can_suffice(release, groups):
            who = "no worker has" if release.nodes.per_node else "the workers together do not have"
            yield Violation(
                groups[0].path,
                f"Kubeflow {release.name} needs {_needs(release)}, and by the constraints {who}"
                " that much",
                f"ask for larger machines ({_constraint_names(release)}), or add a worker",
            )


def _needs(release: Release) -> str:
    disk = f", {release.nodes.disk:g} GB of disk" if release.nodes.disk else ""
    return f"{release.nodes.cpu:g} CPUs, {release.nodes.memory:g} GiB of memory{disk}"


def _constraint_names(release: Release) -> str:
    return "cores=, mem=, root-disk=" if release.nodes.disk else "cores=, mem="


@rule("BL078", Severity.WARNING)
def no_gateway_address(facts: Facts) -> Iterator[Violation]:
    """Yield the address pools if none has an address that Kubeflow's gateway can get."""
    if facts.site is None or facts.site.kubeflow is None:
        return
    family = facts.site.networks.services.version
    ranges = [entry for entry in pool_ranges(facts) if entry.pool.is_automatic]
    usable = [
        entry
        for entry in ranges
        if entry.span.first.version == family
        and not (entry.pool.avoids_buggy_addresses and _has_only_buggy_addresses(entry.span))
    ]
    if ranges and not usable:
        yield Violation(
            ranges[0].pool.option_path,
            f"no pool has an IPv{family} address that Kubeflow's gateway can get",
            "add an address of the service network's family that does not end in .0 or .255",
        )


def _has_only_buggy_addresses(span: Span) -> bool:
    """Return whether avoid-buggy-ips excludes every address of a range."""
    last_bytes = [(int(span.first) + number) % 256 for number in range(min(span.size(), 3))]
    return span.first.version == 4 and all(byte in (0, 255) for byte in last_bytes)


@rule("BL147", Severity.WARNING)
def low_inotify_limits(facts: Facts) -> Iterator[Violation]:
    """Yield what gives Kubeflow's pods too few inotify resources: an option, or cloud-init."""
    yield from _low_limits_of_option(facts)
    user_data = facts.site.configuration.get(CLOUD_INIT) if facts.site else None
    if facts.site is None or user_data is None or not needs_cloud_init(facts.site, facts.profile):
        return
    low = missing_limits(str(user_data))
    if low:
        commands = ", ".join(f'"{command}"' for command in limit_commands())
        yield Violation(
            ("model-config", CLOUD_INIT),
            f"{CLOUD_INIT} does not set {' and '.join(low)} as Kubeflow's pods need it; it"
            " replaces the text with which botlab sets them",
            f"add these commands to its postruncmd: [{commands}]",
            in_site=True,
        )


def _low_limits_of_option(facts: Facts) -> Iterator[Violation]:
    workers = facts.applications_of(WORKER) if facts.applications_of(INSTALLER) else ()
    for name, _ in workers:
        if not facts.option(name, "sysctl"):
            continue
        values = facts.yaml_option(name, "sysctl")
        low = [key for key, limit in INOTIFY_LIMITS.items() if not _reaches(values, key, limit)]
        if low:
            limits = ", ".join(f"{key}: {INOTIFY_LIMITS[key]}" for key in low)
            yield Violation(
                ("applications", name, "options", "sysctl"),
                f"the option sysctl of {name} does not give Kubeflow's pods enough inotify"
                f" resources; it replaces all values of the default",
                f"add {limits} to the option",
            )


def _reaches(values: object, key: str, limit: int) -> bool:
    text = str(values.get(key, "")) if isinstance(values, dict) else ""  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    return is_decimal(text) and bounded_int(text) >= limit
