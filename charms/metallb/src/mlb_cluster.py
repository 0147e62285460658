"""MetalLB on a cluster: what is wanted of it, what is in its way, and how it is applied."""

import base64
import os
import re
import time
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

import mlb_manifest
import mlb_objects
import mlb_pools
import mlb_resources
import mlb_usage
from labkube.api import Api, ApiError, UnknownKindError
from labkube.names import name_of
from labkube.objects import Applied, Comparison, Objects
from mlb_addresses import AddressError, Network, parse_cidr
from mlb_grammar import GrammarError, decode
from mlb_objects import NAMESPACE, Object
from mlb_options import Options
from mlb_pools import Pool
from mlb_releases import Release, by_resources, choose, find
from mlb_usage import Used

CHARM = "metallb"
_RESOURCES = (
    ("metallb.io/v1beta1", "IPAddressPool"),
    ("metallb.io/v1beta1", "L2Advertisement"),
    ("metallb.io/v1beta1", "BGPAdvertisement"),
    ("metallb.io/v1beta1", "Community"),
    ("metallb.io/v1beta2", "BGPPeer"),
)
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
    *_RESOURCES,
)
_PSP, _PSP_LAST = ("policy/v1beta1", "PodSecurityPolicy"), (1, 24)
_POD_SECURITY = (1, 23)
# Kinds whose objects of others keep a namespace; what the control plane and MetalLB make by
# themselves is known by name or owner.
_HELD = (
    "ConfigMap", "Secret", "Service", "ServiceAccount", "Deployment", "DaemonSet", "Pod",
)  # fmt: skip
_MADE = ("kube-root-ca.crt", "default", "memberlist", "metallb.io", "controller", "speaker")


class WishError(Exception):
    """What the options ask for cannot be: every problem."""

    def __init__(self, problems: List[str]) -> None:
        super().__init__("; ".join(problem.replace("\n  ", " ") for problem in problems))
        self.problems = problems


Wish = NamedTuple(
    "Wish",
    [
        ("release", Release),
        ("pools", List[Pool]),
        ("objects", List[Object]),
        ("configuration", List[Object]),
    ],
)
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
        self._options, self._manifest, self._sleep = options, manifest, sleep

    def wish(self) -> Wish:
        """Return what is wanted on this server.

        Raises:
            WishError: When the options cannot be had, with every problem.
            mlb_releases.ReleaseError: When no release fits.
            mlb_manifest.ManifestError: When upstream's manifest cannot be had.
            ApiError: When the API does not answer.
        """
        attached = self._manifest(None)
        release = self._release(attached)
        data = self._judged(release)
        pools = mlb_pools.pools(data, release.number)
        configuration = mlb_resources.configuration(release, data)
        objects = self._objects_of(release, attached) + self._memberlist(release)
        return Wish(release, pools, objects, configuration)

    def _release(self, attached: str) -> Release:
        if attached and not self._options.version:
            return choose(self.api.version(), mlb_manifest.release_of(attached).name)
        return choose(self.api.version(), self._options.version)

    def _judged(self, release: Release) -> Dict[str, Any]:
        option = self._options.option
        try:
            data = decode(self._options.text, release.number)
        except GrammarError as error:
            raise WishError(["%s: MetalLB %s: %s" % (option, release.name, error)]) from None
        problems = [
            "%s: MetalLB %s: %s" % (option, release.name, problem)
            for problem in mlb_pools.judge(data, release.number)
        ]
        ours = mlb_pools.unserved(data, release.number)
        if by_resources(release):
            ours += mlb_resources.unnameable(data)
        elif self._options.settings.log_level != "info" and release.number < (0, 11, 0):
            ours.append("log-level: MetalLB %s has none; leave it at info" % release.name)
        if not data.get("address-pools"):
            ours.append("%s: no address pool; add one" % option)
        problems += ours
        if problems:
            raise WishError(problems)
        return data

    def _objects_of(self, release: Release, attached: str) -> List[Object]:
        server, settings = self.api.version(), self._options.settings
        if not by_resources(release):
            return mlb_objects.objects(release, settings, server >= _POD_SECURITY)
        text = attached or self._manifest(release)
        found = mlb_manifest.release_of(text)
        if found.name != release.name:
            told = "the manifest is of %s, and version asks for %s; make them agree"
            raise mlb_manifest.ManifestError(told % (found.name, release.name))
        psp = server <= _PSP_LAST and self._has(*_PSP)
        return mlb_manifest.fitted(mlb_manifest.read(text), settings, release, psp)

    def _has(self, api_version: str, kind: str) -> bool:
        try:
            self.api.kind(api_version, kind)
        except UnknownKindError:
            return False
        return True

    def _memberlist(self, release: Release) -> List[Object]:
        """Return the secret of the speakers' gossip: made once, then kept as it is."""
        metadata = {"name": "memberlist", "namespace": NAMESPACE}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}
        live = self.api.get(secret)
        if live is not None and self.objects.owns(live):
            return [dict(secret, data=live.get("data") or {})]
        if live is not None or not mlb_objects.needs_memberlist(release):
            return []
        # As MetalLB's guide has it: openssl rand -base64 128.
        key = base64.b64encode(base64.b64encode(os.urandom(128))).decode("ascii")
        return [dict(secret, data={"secretkey": key})]

    # What is in the way.

    def services(self) -> List[Dict[str, Any]]:
        """Return every service of the cluster."""
        return self.api.list("v1", "Service")

    def pools_before(self) -> List[Pool]:
        """Return the pools that are on the cluster now and are ours."""
        latest = find("v0.12.1")  # it reads what the earlier ones do
        live = self.api.get(mlb_resources.configuration(latest, {})[0])
        if live is not None and self.objects.owns(live):
            return _pools_of(str((live.get("data") or {}).get("config", "")), latest)
        try:
            found = self.api.list(*_RESOURCES[0])
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
        return mlb_pools.pools({"address-pools": pools}, (0, 13, 0))

    def clashes(self, wish: Wish, services: List[Dict[str, Any]]) -> List[str]:
        """Name what the pools overlap: nodes, the networks of pods and services, and others."""
        nodes = self.api.list("v1", "Node")
        taken = [("the network", network) for network in self._options.reserved]
        taken += [pair for node in nodes for pair in _of_node(node)]
        taken += [
            ("the service %s/%s" % (one["metadata"]["namespace"], one["metadata"]["name"]), found)
            for one in services
            for found in _networks([(one.get("spec") or {}).get("clusterIP", "")])
        ]
        return mlb_usage.clashes(wish.pools, taken + self._service_networks())

    def _service_networks(self) -> List[Tuple[str, Network]]:
        try:
            found = self.api.list("networking.k8s.io/v1", "ServiceCIDR")
        except UnknownKindError:
            return []
        texts = [text for one in found for text in one.get("spec", {}).get("cidrs") or []]
        return [("the services' network", network) for network in _networks(texts)]

    def probe_service_network(self, wish: Wish) -> List[str]:
        """Name pools in the services' network of a server that does not list it.

        Such a server names its network when it refuses a service's address beyond it, and a
        loopback address is always beyond. A dry run (1.20) does not look at addresses.
        """
        if self._has("networking.k8s.io/v1", "ServiceCIDR"):
            return []
        body = {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"generateName": "metallb-probe-", "namespace": "default"},
            "spec": {"clusterIP": "127.0.0.1", "ports": [{"port": 80}]},
        }
        try:
            self.api.delete(dict(self.api.create(body), apiVersion="v1", kind="Service"))
        except ApiError as error:
            texts = re.findall(r"range of valid IPs is (\S+)", str(error))
            taken = [("the services' network", network) for network in _networks(texts)]
            return mlb_usage.clashes(wish.pools, taken)
        return []

    def usage(self, pools: List[Pool], services: List[Dict[str, Any]]) -> Usage:
        """Return how many addresses are in use, and how many there are."""
        return Usage(*mlb_usage.tally(mlb_usage.used(services), pools))

    def stranded(
        self, before: List[Pool], wish: Wish, services: List[Dict[str, Any]]
    ) -> List[str]:
        """Name the services that would lose their address."""
        found: List[Used] = mlb_usage.used(services)
        return mlb_usage.stranded(found, before, wish.pools)

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
            if all(self._has(*kind) for kind in kinds):
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
        keep = [one for one in self.objects.owned() if _holds(one, kinds)] if others else []
        left = self.objects.remove(seconds, keep)
        names = ", ".join(sorted(name for _, name in others)[:5])
        return left + ["%s stays: it holds %s" % (name_of(one), names) for one in keep]

    def others(self) -> List[Tuple[str, str]]:
        """Return kind and name of what somebody else has within our namespace or definitions."""
        if not self._is_installed():
            return []
        found = []
        for api_version, kind in [*_core_kinds(), *_RESOURCES]:
            try:
                where = self.api.kind(api_version, kind)
                path = "%s/namespaces/%s/%s" % (where.path, NAMESPACE, where.plural)
                items = self.api.request("GET", path).get("items", [])
            except UnknownKindError:
                continue
            found += [
                (kind, "%s %s" % (kind, one["metadata"]["name"]))
                for one in items
                if not self.objects.owns(one) and not _made_by_itself(one)
            ]
        return found


_NAMED = {"name": NAMESPACE}
_FIRST = ("Namespace", "CustomResourceDefinition")


def _core_kinds() -> List[Tuple[str, str]]:
    apps = ("Deployment", "DaemonSet")
    return [("apps/v1" if kind in apps else "v1", kind) for kind in _HELD]


def _made_by_itself(found: Object) -> bool:
    metadata = found["metadata"]
    notes = metadata.get("annotations") or {}
    account = notes.get("kubernetes.io/service-account.name", "")
    return bool(metadata.get("ownerReferences")) or metadata["name"] in _MADE or account in _MADE


def _holds(found: Object, kinds: Any) -> bool:
    if found["kind"] == "Namespace":
        return True
    if found["kind"] != "CustomResourceDefinition":
        return False
    return found.get("spec", {}).get("names", {}).get("kind") in kinds


def _of_node(node: Dict[str, Any]) -> List[Tuple[str, Network]]:
    name, spec = node["metadata"]["name"], node.get("spec") or {}
    addresses = [
        str(one.get("address", ""))
        for one in (node.get("status") or {}).get("addresses") or []
        if one.get("type") in ("InternalIP", "ExternalIP")
    ]
    pods = spec.get("podCIDRs") or [spec.get("podCIDR", "")]
    found = [("the node %s" % name, network) for network in _networks(addresses)]
    return found + [("the pods' network of %s" % name, network) for network in _networks(pods)]


def _networks(texts: List[str]) -> List[Network]:
    found = []
    for text in texts:
        whole = text if "/" in text else "%s/%d" % (text, 128 if ":" in text else 32)
        try:
            found.append(parse_cidr(whole))
        except AddressError:
            continue  # "None" of a headless service, a host name, nothing
    return found


def _pools_of(text: str, release: Release) -> List[Pool]:
    try:
        return mlb_pools.pools(decode(text, release.number), release.number)
    except GrammarError:
        return []
