"""MetalLB on a cluster: what is in its way, in which order it is applied, how it is taken away."""

import time
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from labkube.apply.objects import Applied, Comparison, Objects
from labkube.apply.references import name_of
from labkube.client.api import Api, UnknownKindError
from metallb.cluster import foreign_objects, networks
from metallb.cluster import usage as usage_module
from metallb.cluster.usage import Used
from metallb.config import resources, validate
from metallb.config.decode import GrammarError, decode
from metallb.config.resources import RESOURCES
from metallb.config.validate import Pool
from metallb.desired import Wish, Wisher
from metallb.options import Options
from metallb.upstream.objects import NAMESPACE, Object
from metallb.upstream.releases import Release, by_resources, find

CHARM = "metallb"
# Every kind that any version of this charm makes.
KINDS = (
    ("v1", "Namespace"),
    ("v1", "ServiceAccount"),
    ("v1", "ConfigMap"),
    ("v1", "Secret"),
    ("v1", "Service"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "DaemonSet"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("policy/v1beta1", "PodSecurityPolicy"),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
    ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
    *RESOURCES,
)
_NAMED = {"name": NAMESPACE}
_FIRST = ("Namespace", "CustomResourceDefinition")
Usage = NamedTuple("Usage", [("used", int), ("total", int)])


class Metallb:
    """MetalLB of one application.

    Args:
        api: The cluster.
        application: What tells the application from others on the cluster.
        options: What is wanted.
        manifest: Returns upstream's manifest of a release, "" for what is attached or nothing.
        sleep: Waits; handed in for tests.
    """

    def __init__(
        self,
        api: Api,
        application: str,
        options: Options,
        manifest: Callable[[Optional[Release]], str],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.api = api
        self.objects = Objects(api, application, CHARM, KINDS, sleep)
        self._options, self._sleep = options, sleep
        self._wisher = Wisher(api, self.objects.owns, options, manifest)

    def wish(self) -> Wish:
        """Return what is wanted on this server.

        Raises:
            desired.WishError: When the options cannot be had, with every problem.
            upstream.releases.ReleaseError: When no release fits.
            upstream.manifest.ManifestError: When upstream's manifest cannot be had.
            ApiError: When the API does not answer.
        """
        return self._wisher.wish()

    # What is in the way.

    def services(self) -> List[Dict[str, Any]]:
        """Return every service of the cluster."""
        return self.api.list("v1", "Service")

    def pools_before(self) -> List[Pool]:
        """Return the pools that are on the cluster now and are ours."""
        latest = find("v0.12.1")  # it reads what the earlier ones do
        live = self.api.get(resources.configuration(latest, {})[0])
        if live is not None and self.objects.owns(live):
            return _pools_of(str((live.get("data") or {}).get("config", "")), latest)
        try:
            found = self.api.list(*RESOURCES[0])
        except UnknownKindError:
            return []
        pools = [
            {
                "name": one["metadata"]["name"],
                "addresses": one.get("spec", {}).get("addresses") or [],
                "avoid-buggy-ips": one.get("spec", {}).get("avoidBuggyIPs", False),
            }
            for one in found
            if self.objects.owns(one)
        ]
        return validate.pools({"address-pools": pools}, (0, 13, 0))

    def clashes(self, wish: Wish, services: List[Dict[str, Any]]) -> List[str]:
        """Name what the pools overlap: nodes, the networks of pods and services, and others."""
        reserved = [("the network", network) for network in self._options.reserved]
        taken = reserved + networks.of_cluster(self.api, services)
        return usage_module.clashes(wish.pools, taken)

    def probe_service_network(self, wish: Wish) -> List[str]:
        """Name pools in the services' network of a server that does not list it."""
        return usage_module.clashes(wish.pools, networks.probed(self.api))

    def usage(self, pools: List[Pool], services: List[Dict[str, Any]]) -> Usage:
        """Return how many addresses are in use, and how many there are."""
        return Usage(*usage_module.tally(usage_module.used(services), pools))

    def stranded(
        self, before: List[Pool], wish: Wish, services: List[Dict[str, Any]]
    ) -> List[str]:
        """Name the services that would lose their address."""
        found: List[Used] = usage_module.used(services)
        return usage_module.stranded(found, before, wish.pools)

    # Applying.

    def apply(self, wish: Wish, adopt: bool = False) -> Applied:
        """Bring the cluster to what is wanted.

        Custom resources come right after their definitions: a controller that starts without
        pools would take the services' addresses away, and webhooks that nobody answers yet would
        refuse them.

        Raises:
            ForeignObjectError: Before anything is written, where somebody else's stand.
            ApiError: When a request fails; the next run goes on.
        """
        everything = wish.objects + wish.configuration
        if not by_resources(wish.release):
            return self.objects.apply(everything, adopt)
        if not adopt and not self._is_installed():
            self.objects.refuse_foreign(everything)  # before the first of the stages
        first = [one for one in wish.objects if one["kind"] in _FIRST]
        rest = [one for one in wish.objects if one["kind"] not in _FIRST]
        done = [self.objects.apply(first, adopt, prune=False)]
        self._wait_for_kinds(wish.configuration)
        later = (wish.configuration, rest)
        done += [self.objects.apply(stage, adopt, prune=False) for stage in later]
        pruned = self.objects.prune(everything)
        return Applied(
            [name for one in done for name in one.created],
            [name for one in done for name in one.changed],
            sum(one.same for one in done),
            pruned,
        )

    def _is_installed(self) -> bool:
        live = self.api.get({"apiVersion": "v1", "kind": "Namespace", "metadata": _NAMED})
        return live is not None and self.objects.owns(live)

    def _wait_for_kinds(self, found: List[Object]) -> None:
        """Wait until the server serves the kinds: it does so a moment after they are known."""
        kinds = {(one["apiVersion"], one["kind"]) for one in found}
        for _ in range(30):
            if all(self.api.has(*kind) for kind in kinds):
                return
            self._sleep(0.5)

    def compare(self, wish: Wish) -> Comparison:
        """Tell correct, changed, missing and extra objects."""
        return self.objects.compare(wish.objects + wish.configuration)

    def not_ready(self, wish: Wish) -> List[str]:
        """Tell which workloads do not serve yet."""
        workloads = [one for one in wish.objects if one["kind"] in ("Deployment", "DaemonSet")]
        return self.objects.not_ready(workloads)

    def remove(self, seconds: float = 60.0) -> List[str]:
        """Take everything of ours away; what would take others' things along stays.

        Returns:
            What is left, and why.
        """
        others = self.others()
        kinds = {kind for kind, _ in others}
        keep = (
            [one for one in self.objects.owned() if foreign_objects.holds(one, kinds)]
            if others
            else []
        )
        left = self.objects.remove(seconds, keep)
        names = ", ".join(sorted(name for _, name in others)[:5])
        return left + ["%s stays: it holds %s" % (name_of(one), names) for one in keep]

    def others(self) -> List[Tuple[str, str]]:
        """Return kind and name of what somebody else has within our namespace or definitions."""
        return foreign_objects.others(self.api, self.objects.owns) if self._is_installed() else []


def _pools_of(text: str, release: Release) -> List[Pool]:
    try:
        return validate.pools(decode(text, release.number), release.number)
    except GrammarError:
        return []
