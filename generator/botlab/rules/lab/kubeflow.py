"""Rules about Kubeflow: what it needs of the cluster, as far as a site or bundle shows it."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalogue.kubeflow import (
    LAST_WITHOUT_TOKENS,
    TOKEN_FLAGS,
    Release,
    choose_release,
    find_release,
    releases,
)
from ...catalogue.kubernetes import Version, version_text
from ...findings import Severity
from ...site.addresses import Span
from .exports import SERVER
from .facts import CONTROL_PLANES, INSTALLER, Facts
from .installer import installers
from .pools import pools, spans
from .rule import CLUSTER, PLACES, Hit, rule
from .sizes import asked_of_workers, enough


def _names(fitting: Version | None) -> str:
    names = [one.name for one in releases() if fitting is None or one.fits(fitting)]
    return ", ".join(names)


@rule(
    "BL058",
    "Kubeflow without a default StorageClass",
    Severity.WARNING,
    """Kubeflow's databases claim volumes of the default class and wait for ever without one.""",
    misses=("nfs",),
)
def kubeflow_storage(facts: Facts) -> Iterator[Hit]:
    """Find a site with Kubeflow whose NFS makes no default class."""
    if facts.site is None:
        return
    servers = [name for name, _ in facts.named(SERVER)]
    idle = [one for one in servers if facts.option(one, "default-class").lower() == "false"]
    for name, _ in facts.named(INSTALLER) if idle == servers else ():
        at = ("applications", servers[0], "options", "default-class") if servers else ()
        yield Hit(
            at or ("applications", name),
            "Kubeflow needs a default StorageClass, and the site makes none",
            "set default-class to true" if servers else "add nfs with default-class: true",
        )


@rule(
    "BL059",
    "Kubeflow without LoadBalancer addresses",
    Severity.WARNING,
    """On bare metal the dashboard answers at an address that MetalLB hands out.""",
    misses=("metallb",),
)
def kubeflow_address(facts: Facts) -> Iterator[Hit]:
    """Find a site with Kubeflow and no address pools."""
    site = facts.site
    if site and site.kubeflow and not site.metallb:
        yield Hit(
            ("kubeflow",),
            "Kubeflow's dashboard needs an address, and the site has no address pools",
            "add metallb with a pool",
            site=True,
        )


@rule(
    "BL066",
    "Kubeflow outside its documented Kubernetes versions",
    Severity.WARNING,
    """Upstream names the Kubernetes versions that a Kubeflow release was tested on or works on;
    elsewhere it may work, and no statement of upstream says so, or some contradict each other. For
    1.13 there is none of any release; 0.6.2 asks least of it.""",
    misses=CLUSTER,
)
def kubeflow_documented(facts: Facts) -> Iterator[Hit]:
    """Find a Kubeflow that upstream's statements do not cover on the cluster's Kubernetes."""
    for installer in installers(facts):
        low, high = installer.release.documented
        if facts.kubernetes and not low <= facts.kubernetes <= high:
            span = version_text(low) + (f" to {version_text(high)}" if high != low else "")
            yield Hit(
                installer.where,
                f"upstream names Kubernetes {span} for Kubeflow {installer.release.name}, not"
                f" {version_text(facts.kubernetes)}",
                "take such a Kubernetes, or try it: the charm installs it all the same",
            )


@rule(
    "BL067",
    "No pool gives addresses unasked",
    Severity.WARNING,
    """Kubeflow's gateway asks for an address without naming a pool; a pool with auto-assign
    false serves only those that name it.""",
)
def no_open_pool(facts: Facts) -> Iterator[Hit]:
    """Find a site with Kubeflow all of whose pools want to be named."""
    found = pools(facts) if facts.site and facts.site.kubeflow else []
    if found and not any(pool.auto_assign for pool in found):
        yield Hit(
            found[0].option,
            "every pool has auto-assign false, so Kubeflow's gateway gets no address",
            "leave auto-assign true for one pool",
        )


@rule(
    "BL074",
    "Kubeflow release that is not known",
    Severity.ERROR,
    """The charm installs the releases that it has a table of: their sources, what they need and
    what they leave behind.""",
)
def unknown_release(facts: Facts) -> Iterator[Hit]:
    """Find a version that the charm kubeflow-installer does not have."""
    for name, _ in facts.named(INSTALLER):
        wish = facts.option(name, "version")
        if wish and find_release(wish) is None:
            yield Hit(
                ("applications", name, "options", "version"),
                f"Kubeflow {wish} is none that the charm installs",
                f"use one of {_names(None)}, or leave it out",
            )


@rule(
    "BL075",
    "Kubeflow that the Kubernetes does not take",
    Severity.ERROR,
    """Objects are of API versions that came and went: extensions/v1beta1, in Kubeflow 0.6 and
    0.7, left with 1.16; definitions and webhooks of v1beta1, in 1.0 to 1.2, with 1.22; and the
    manifests of later releases ask for ones that older servers do not have. The charm refuses
    them.""",
    misses=CLUSTER,
)
def kubeflow_fit(facts: Facts) -> Iterator[Hit]:
    """Find a Kubeflow whose objects the cluster's Kubernetes does not have."""
    kubernetes = facts.kubernetes
    for name, _ in facts.named(INSTALLER) if kubernetes else ():
        wish = facts.option(name, "version")
        release = choose_release(kubernetes, wish)
        has = version_text(kubernetes) if kubernetes else ""
        if not wish and release is None:
            yield Hit(
                ("applications", name),
                f"no Kubeflow runs on Kubernetes {has} here",
                "take Kubernetes 1.13 or later",
            )
        elif kubernetes and release and not release.fits(kubernetes):
            yield Hit(
                ("applications", name, "options", "version"),
                f"Kubeflow {release.name} runs on Kubernetes {release.kubernetes};"
                f" the cluster has {has}",
                f"leave the version out, or use one of {_names(kubernetes)}",
            )


@rule(
    "BL076",
    "API server without service account tokens for Kubeflow",
    Severity.WARNING,
    """From 1.0 on, Kubeflow's Istio mounts service account tokens with an audience. Up to
    Kubernetes 1.19 the control plane's charm sets no issuer and no signing key, and the pods wait
    for ever: "API server does not have TokenRequest endpoints enabled".""",
    misses=CLUSTER,
)
def missing_tokens(facts: Facts) -> Iterator[Hit]:
    """Find a control plane whose flags lack what the release's Istio needs."""
    wanting = [one for one in installers(facts) if one.release.needs_projected_tokens]
    old = facts.kubernetes is not None and facts.kubernetes <= LAST_WITHOUT_TOKENS
    for name, _ in facts.named(*CONTROL_PLANES) if wanting and old else ():
        words = facts.option(name, "api-extra-args").split()
        given = {word.partition("=")[0] for word in words}
        # The audiences are a wish of Istio's; issuer and key are what turns tokens on.
        if not {flag.partition("=")[0] for flag in TOKEN_FLAGS[:2]} <= given:
            yield Hit(
                ("applications", name, "options", "api-extra-args"),
                f"{name} issues no service account tokens with an audience, which Kubeflow"
                f" {wanting[0].release.name} needs",
                f"add to its api-extra-args: {' '.join(TOKEN_FLAGS)}",
            )


@rule(
    "BL077",
    "Machines too small for Kubeflow",
    Severity.WARNING,
    """The documentation of 0.6 to 1.0 asks for one worker of 4 CPUs, 12 GB of memory and 50 GB of
    disk; the pods of later releases ask for 4.4 CPUs and 12.3 GiB on all workers together, and
    their claims of 65 GB lie where the StorageClass puts them. MAAS may give a larger machine than
    was asked for, and need not.""",
    misses=PLACES + CLUSTER,
)
def small_machines(facts: Facts) -> Iterator[Hit]:
    """Find workers whose constraints ask for less than the release needs."""
    asked = asked_of_workers(facts)
    for installer in installers(facts) if facts.named(*CONTROL_PLANES) else ():
        release = installer.release
        if not asked:
            message = "no machine is a worker, so nothing takes Kubeflow's pods"
            yield Hit(("applications", installer.name), message, "give machines the role worker")
        elif not enough(release, asked):
            who = "one worker has" if release.nodes.per_node else "all workers together have"
            yield Hit(
                asked[0].path,
                f"Kubeflow {release.name} needs {_needed(release)}, and by the constraints not"
                f" even {who} that",
                f"ask for larger machines ({_keys(release)}), or add a worker",
            )


def _needed(release: Release) -> str:
    disk = f", {release.nodes.disk:g} GB of disk" if release.nodes.disk else ""
    return f"{release.nodes.cpu:g} CPUs, {release.nodes.memory:g} GiB of memory{disk}"


def _keys(release: Release) -> str:
    return "cores=, mem=, root-disk=" if release.nodes.disk else "cores=, mem="


@rule(
    "BL078",
    "No address for Kubeflow's gateway",
    Severity.WARNING,
    """The gateway is a LoadBalancer service of the service network's family; it takes an address
    of a pool that gives them unasked, and that MetalLB does not leave out (avoid-buggy-ips: those
    that end in .0 and .255).""",
)
def no_gateway_address(facts: Facts) -> Iterator[Hit]:
    """Find pools that give addresses unasked, none of which a service can have."""
    if facts.site is None or facts.site.kubeflow is None:
        return
    family = facts.site.networks.services.version
    found = [(pool, span) for pool, _, span in spans(facts) if pool.auto_assign]
    usable = [
        span
        for pool, span in found
        if span.first.version == family and not (pool.avoid_buggy_ips and _all_odd(span))
    ]
    if found and not usable:
        yield Hit(
            found[0][0].option,
            f"no pool has an IPv{family} address that Kubeflow's gateway could get",
            "add an address of the service network's family that ends in neither .0 nor .255",
        )


def _all_odd(span: Span) -> bool:
    """Tell whether MetalLB leaves out every address of a run with avoid-buggy-ips."""
    last_bytes = [(int(span.first) + number) % 256 for number in range(min(span.size(), 3))]
    return span.first.version == 4 and all(byte in (0, 255) for byte in last_bytes)
