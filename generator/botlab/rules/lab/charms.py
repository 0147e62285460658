"""Rules about charms: where they come from, their platform, options and relations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...bundle.base import BASE_TO_SERIES
from ...bundle.charmurl import CharmUrlError, is_local_path, parse_charm_url
from ...bundle.model import Application
from ...findings import Severity, nearest
from ...juju import Juju
from .facts import Facts
from .rule import PLACES, Hit, rule

_TODAY = "kubernetes-control-plane"
# The charm and what it takes where nothing is set; today's has no such option.
_WORKER_2019 = ("kubernetes-worker", "true")
_SECRET = re.compile(r"passw|token|secret|private.?key|credential", re.I)
_KNOWN_VALUES = {
    "docker_runtime": ("auto", "nvidia", "apt", "upstream", "custom"),
    "gpu_driver": ("auto", "nvidia", "none"),
    "allow-privileged": ("true", "false", "auto"),
    # Of nfs-server; in a site's nfs section the model has the two words.
    "reclaim-policy": ("Delete", "Retain"),
    "on-delete": ("", "delete", "retain"),
}


@rule(
    "BL040",
    "Charm that is not pinned",
    Severity.WARNING,
    """Without a revision the same bundle deploys another charm tomorrow.""",
)
def unpinned(facts: Facts) -> Iterator[Hit]:
    """Find store charms without a revision."""
    for name, application in facts.applications.items():
        if is_local_path(application.charm) or application.revision is not None:
            continue
        try:
            url = parse_charm_url(application.charm, facts.juju)
        except CharmUrlError:
            continue
        if url.schema in ("cs", "ch") and url.revision < 0:
            yield Hit(
                ("applications", name, "charm"),
                f"{name} names no revision of {url.name}",
                "name the revision (charm: {charmhub: NAME, channel: TRACK/stable, revision: N})",
            )


@rule(
    "BL041",
    "Charm Store URL with a Juju that cannot read it",
    Severity.ERROR,
    """Juju 3.1 and later parse ch: and local: only; the Charm Store is read-only since
    February 2022.""",
)
def charm_store(facts: Facts) -> Iterator[Hit]:
    """Find cs: URLs from 3.x on."""
    for name, application in facts.applications.items():
        if application.charm.startswith("cs:") and facts.juju >= Juju.V3_6:
            yield Hit(
                ("applications", name, "charm"),
                f"{application.charm} is a Charm Store URL, which Juju {facts.juju.value} cannot"
                " read",
                "take the charm from Charmhub, or from a local file",
            )


def _series(application: Application, facts: Facts) -> str:
    base = application.base or facts.bundle.default_base
    return (
        application.series
        or BASE_TO_SERIES.get(base.partition("/")[0], "")
        or (facts.bundle.series)
    )


@rule(
    "BL042",
    "Series that this Juju refuses",
    Severity.ERROR,
    """Juju 3.x deploys focal, jammy and noble, 4.x 20.04 to 26.04; bionic is refused
    (juju/juju issue 21330).""",
)
def refused_series(facts: Facts) -> Iterator[Hit]:
    """Find bionic and older from 3.x on."""
    if facts.juju < Juju.V3_6:
        return
    for name, application in facts.applications.items():
        series = _series(application, facts)
        if series in ("trusty", "xenial", "bionic"):
            yield Hit(
                ("applications", name, "series"),
                f"{name} runs on {series}, which Juju {facts.juju.value} refuses",
                "use Juju 2.9, or a profile of today's charms",
            )


@rule(
    "BL043",
    "Series and base together",
    Severity.ERROR,
    """A bundle names platforms by series or by base; where both stand, releases disagree on
    which one wins (LP 1982921).""",
)
def series_and_base(facts: Facts) -> Iterator[Hit]:
    """Find applications and machines that name both."""
    both = [
        *((("applications", name), app) for name, app in facts.applications.items()),
        *((("machines", name), body) for name, body in facts.bundle.machines.items() if body),
    ]
    for path, body in both:
        if body.series and body.base:
            yield Hit((*path, "base"), f"{path[1]} names a series and a base", "keep one")


@rule(
    "BL044",
    "Subordinate on another series than its principal",
    Severity.ERROR,
    """A subordinate runs on its principal's machine, so Juju relates them only on one series.""",
)
def subordinate_series(facts: Facts) -> Iterator[Hit]:
    """Compare subordinates with the applications they stand beside."""
    for index, left, right in facts.relations:
        ends = [facts.applications.get(end[0]) for end in (left, right)]
        charms = [facts.charms.get(end[0]) for end in (left, right)]
        scopes = [facts.endpoint(end) for end in (left, right)]
        if not all(ends) or not any(charm and charm.subordinate for charm in charms):
            continue
        if not all(scope and scope.scope == "container" for scope in scopes):
            continue
        series = [_series(end, facts) for end in ends if end is not None]
        if series[0] and series[1] and series[0] != series[1]:
            yield Hit(
                ("relations", index),
                f"{left[0]} runs on {series[0]} and {right[0]} on {series[1]}; a subordinate"
                " takes its principal's",
                "give both the same series",
            )


@rule(
    "BL045",
    "Unknown option",
    Severity.ERROR,
    """Juju stops half way through the deploy at an option that the charm does not have.""",
)
def unknown_option(facts: Facts) -> Iterator[Hit]:
    """Find options that a known charm lacks."""
    for name, application in facts.applications.items():
        charm = facts.charms.get(name)
        for key in application.options if charm else ():
            if charm and key not in charm.options and key != "trust":
                yield Hit(
                    ("applications", name, "options", key),
                    f"{charm.name} has no option {key}",
                    nearest(key, charm.options, "take it out"),
                )


@rule(
    "BL046",
    "Option value outside its set",
    Severity.ERROR,
    """These options take one word of a fixed set; the charm errors at any other, after the
    deploy.""",
)
def option_value(facts: Facts) -> Iterator[Hit]:
    """Find values that an option does not know."""
    for name, application in facts.applications.items():
        for key, known in _KNOWN_VALUES.items():
            value = application.options.get(key)
            text = str(value).lower() if isinstance(value, bool) else value
            if value is not None and text not in known:
                yield Hit(
                    ("applications", name, "options", key),
                    f"{key} of {name} is {value!r}",
                    f"use one of {', '.join(known)}",
                )


@rule(
    "BL047",
    "Secret in a plain option",
    Severity.WARNING,
    """Options are stored in the bundle and shown by juju config to everybody with access to
    the model.""",
)
def plain_secret(facts: Facts) -> Iterator[Hit]:
    """Find options that carry a secret, by their name; the value is never shown."""
    for name, application in facts.applications.items():
        for key, value in application.options.items():
            if _SECRET.search(key) and isinstance(value, str) and value:
                yield Hit(
                    ("applications", name, "options", key),
                    f"{key} of {name} looks like a secret and stands in plain text",
                    f"leave it out here and set it after the deploy: juju config {name} {key}=...",
                )


@rule(
    "BL048",
    "Authorization mode left open",
    Severity.WARNING,
    """kubernetes-master of 2019 defaults to AlwaysAllow, which makes every RBAC object void; with
    Kubeflow every notebook is an administrator of the cluster then.""",
)
def open_authorization(facts: Facts) -> Iterator[Hit]:
    """Find a control plane without RBAC."""
    told = "; every notebook of Kubeflow may do anything" if _has_kubeflow(facts) else ""
    for charm, default in (("kubernetes-master", "AlwaysAllow"), (_TODAY, "Node,RBAC")):
        for name, _ in facts.named(charm):
            mode = facts.option(name, "authorization-mode") or default
            if "RBAC" not in mode:
                yield Hit(
                    ("applications", name, "options", "authorization-mode"),
                    f"{name} runs with authorization-mode {mode}{told}",
                    "set authorization-mode to RBAC,Node",
                )


def _has_kubeflow(facts: Facts) -> bool:
    return bool(facts.named("kubeflow-installer"))


@rule(
    "BL049",
    "Privileged containers off",
    Severity.WARNING,
    """"auto" is false until a GPU worker is seen; Istio, so Kubeflow, and the device plugin
    need privileged containers. kubernetes-worker of 2019 has the same option for its kubelets.""",
)
def unprivileged(facts: Facts) -> Iterator[Hit]:
    """Find control planes, and workers of 2019, that do not allow privileged containers."""
    told = ", so Kubeflow is not installed" if _has_kubeflow(facts) else ""
    hits = [
        Hit(
            ("applications", name, "options", "allow-privileged"),
            f"{name} has allow-privileged {value}{told}",
            'set allow-privileged to "true"',
        )
        for charm, default in (("kubernetes-master", "auto"), (_TODAY, "auto"), _WORKER_2019)
        for name, application in facts.named(charm)
        if (value := str(application.options.get("allow-privileged", default)).lower()) != "true"
    ]
    # A site sets both by one key, and one finding there is enough.
    yield from {facts.subject.origin(hit.path): hit for hit in reversed(hits)}.values()


@rule(
    "BL050",
    "etcd at its default channel",
    Severity.WARNING,
    """etcd of 2019 defaults to 2.3/stable, which Kubernetes 1.13 does not read.""",
)
def old_etcd(facts: Facts) -> Iterator[Hit]:
    """Find Charm Store etcd without a channel option."""
    for name, application in facts.named("etcd"):
        if application.charm.startswith("cs:") and "channel" not in application.options:
            yield Hit(
                ("applications", name, "options"),
                f"{name} leaves its channel at 2.3/stable",
                "set the option channel to 3.2/stable",
            )


@rule(
    "BL052",
    "GPU machine without nvidia-runtime",
    Severity.WARNING,
    """Nothing registers the nvidia runtime on the machine then, unless the worker charm's own
    path (gpu.stack: worker) does.""",
    misses=PLACES,
)
def uncovered_gpu(facts: Facts) -> Iterator[Hit]:
    """Find GPU machines of a site that no subordinate covers."""
    if facts.site is None or facts.site.gpu.stack.value == "worker":
        return
    covered = set(_principals(facts, facts.by_charm.get("nvidia-runtime", [])))
    for number, (name, machine) in enumerate(facts.site.machines.items()):
        here = facts.on_machine.get(str(number), {})
        if machine.gpu and not covered & here.keys():
            yield Hit(
                ("machines", name, "gpu"),
                f"{name} has a GPU, but no application with nvidia-runtime stands on it",
                "give it the role worker and keep nvidia-runtime, or set gpu.stack: worker",
                site=True,
            )


def _principals(facts: Facts, subordinates: list[str]) -> Iterator[str]:
    """Yield the applications on whose machines subordinates come to stand."""
    for _, left, right in facts.relations:
        for own, other in ((left, right), (right, left)):
            endpoint = facts.endpoint(own)
            # A relation of global scope, such as kube-control, places nothing.
            if own[0] in subordinates and (endpoint is None or endpoint.scope == "container"):
                yield other[0]


@rule(
    "BL053",
    "Subordinate without a principal",
    Severity.ERROR,
    """A subordinate has no units until a relation of container scope ties it to a principal.""",
)
def lonely_subordinate(facts: Facts) -> Iterator[Hit]:
    """Find subordinates that no container-scoped relation places."""
    placed: set[str] = set()
    for _, left, right in facts.relations:
        for end in (left, right):
            endpoint = facts.endpoint(end)
            if endpoint is None or endpoint.scope == "container":
                placed.add(end[0])
    for name in facts.applications:
        charm = facts.charms.get(name)
        if charm and charm.subordinate and name not in placed:
            yield Hit(
                ("applications", name),
                f"{name} is subordinate, but nothing relates it to a principal",
                "relate its container-scoped endpoint to the application it shall stand beside",
            )


@rule(
    "BL054",
    "Container-scoped relation between two principals",
    Severity.ERROR,
    """Such a relation joins units on one machine only; Juju's checks let it pass and its
    controller refuses it.""",
)
def container_scope(facts: Facts) -> Iterator[Hit]:
    """Find container-scoped relations without a subordinate."""
    for index, left, right in facts.relations:
        charms = [facts.charms.get(end[0]) for end in (left, right)]
        scopes = [facts.endpoint(end) for end in (left, right)]
        container = any(scope and scope.scope == "container" for scope in scopes)
        if container and all(charm and not charm.subordinate for charm in charms):
            yield Hit(
                ("relations", index),
                f"{left[0]} and {right[0]} are principals, but their relation has container scope",
                "relate endpoints of global scope",
            )


@rule(
    "BL055",
    "Two default StorageClasses",
    Severity.ERROR,
    """A worker of 2019 that is related by its endpoint nfs makes a second default class;
    claims without a class then fail.""",
)
def two_default_classes(facts: Facts) -> Iterator[Hit]:
    """Find nfs-server's default class beside the worker's own."""
    workers = {name for name, _ in facts.named("kubernetes-worker")}
    ours = any(
        facts.option(name, "default-class").lower() != "false"
        for name, _ in facts.named("nfs-server")
    )
    for index, left, right in facts.relations:
        if ours and any(end[0] in workers and end[1] == "nfs" for end in (left, right)):
            yield Hit(
                ("relations", index),
                "the worker's endpoint nfs makes a default StorageClass beside nfs-server's",
                "take this relation out",
            )


@rule(
    "BL056",
    "Worker without its control plane",
    Severity.WARNING,
    """A worker waits for kube-control and certificates; without them it never becomes a node.""",
    misses=PLACES,
)
def cut_off_worker(facts: Facts) -> Iterator[Hit]:
    """Find workers whose essential endpoints are not related."""
    ends = {end for _, left, right in facts.relations for end in (left, right)}
    for name, _ in facts.named("kubernetes-worker"):
        for endpoint in ("kube-control", "certificates"):
            if (name, endpoint) not in ends and (name, "") not in ends:
                yield Hit(
                    ("applications", name),
                    f"{name}:{endpoint} is not related to anything",
                    f"relate {name}:{endpoint}",
                )


@rule(
    "BL057",
    "Local charm folder with Juju 4",
    Severity.ERROR,
    """Juju 4 deploys packed .charm files only.""",
)
def unpacked_charm(facts: Facts) -> Iterator[Hit]:
    """Find local charms that are no .charm file on 4.x."""
    for name, application in facts.applications.items():
        local = is_local_path(application.charm)
        if facts.juju >= Juju.V4_0 and local and not application.charm.endswith(".charm"):
            yield Hit(
                ("applications", name, "charm"),
                f"{application.charm} is no .charm file",
                "pack the charm and name the file",
            )


@rule(
    "BL083",
    "Resource file of another kind than the charm's",
    Severity.ERROR,
    """Juju takes a file for a resource by the end of its name, which must be that of the name in
    the charm's metadata (apiserver/resources.go); it looks at the upload, half way through the
    deploy.""",
)
def refused_resource(facts: Facts) -> Iterator[Hit]:
    """Find files for resources whose names end otherwise than the charm says."""
    for name, application in facts.applications.items():
        charm = facts.charms.get(name)
        for resource, value in application.resources.items() if charm else ():
            wanted = _extension(charm.files.get(resource, "")) if charm else ""
            if wanted and isinstance(value, str) and _extension(value) != wanted:
                yield Hit(
                    ("applications", name, "resources", resource),
                    f"{name} takes no {value} for {resource}: its name must end in {wanted}",
                    "rename it, or write it in the form that the charm asks for",
                )


def _extension(path: str) -> str:
    """Return what Go's path.Ext does: from the last dot of the last element on."""
    base = path.rpartition("/")[2]
    return base[base.rfind(".") :] if "." in base else ""
