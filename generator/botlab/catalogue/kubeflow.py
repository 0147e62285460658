"""The releases of Kubeflow that the charm kubeflow-installer has, and what each asks for.

The charm's own table (kf_releases.py) decides; a test holds this one against it.
"""

from __future__ import annotations

from dataclasses import dataclass

from .kubernetes import Version

# Up to here the control plane's charms leave the flags out by which the API server issues service
# account tokens with an audience; from 1.20 on they set them (charm-kubernetes-master 1.20+ck1).
LAST_WITHOUT_TOKENS: Version = (1, 19)
# Those flags, by the key that the charm of 2019 has at this path on every control plane.
TOKEN_FLAGS = (
    "service-account-issuer=kubernetes.default.svc",
    "service-account-signing-key-file=/root/cdk/serviceaccount.key",
    "service-account-api-audiences=api,istio-ca",
)
# What usage is reported to upstream by; it may be left out of a release that has none.
REPORTER = "spartakus"
# The components of kfctl's releases, by the names of their KfDefs (kfdefs/NAME.json of the charm).
# Those of the manifests' releases are folders of the sources, which the charm alone unpacks.
_COMPONENTS = {
    "0.6.2": (
        "application-crds application metacontroller argo centraldashboard webhook bootstrap "
        "jupyter-web-app katib-db katib-manager katib-controller katib-ui metadata "
        "metrics-collector suggestion notebook-controller pytorch-job-crds pytorch-operator "
        "spartakus tensorboard tf-job-operator api-service minio mysql persistent-agent "
        "pipelines-runner pipelines-ui pipelines-viewer scheduledworkflow profiles "
        "seldon-core-operator"
    ),
    "0.7.1": (
        "application-crds application cert-manager-crds cert-manager-kube-system-resources "
        "cert-manager istio-crds istio-install istio oidc-authservice dex argo kubeflow-roles "
        "centraldashboard webhook jupyter-web-app metadata notebook-controller pytorch-job-crds "
        "pytorch-operator spartakus tensorboard tf-job-crds tf-job-operator katib-crds "
        "katib-controller api-service minio mysql persistent-agent pipelines-runner pipelines-ui "
        "pipelines-viewer scheduledworkflow pipeline-visualization-service profiles "
        "seldon-core-operator"
    ),
    "1.0.2": (
        "application-crds application istio-crds istio-install cluster-local-gateway istio "
        "cert-manager-crds cert-manager-kube-system-resources cert-manager oidc-authservice dex "
        "argo kubeflow-roles centraldashboard webhook jupyter-web-app spark-operator metadata "
        "notebook-controller pytorch-job-crds pytorch-operator knative-crds knative-install "
        "kfserving-crds kfserving-install spartakus tensorboard tf-job-crds tf-job-operator "
        "katib-crds katib-controller api-service minio mysql persistent-agent pipelines-runner "
        "pipelines-ui pipelines-viewer scheduledworkflow pipeline-visualization-service profiles "
        "seldon-core-operator"
    ),
    "1.2.0": (
        "namespaces application istio-stack cluster-local-gateway istio cert-manager-crds "
        "cert-manager-kube-system-resources cert-manager metacontroller oidc-authservice dex "
        "bootstrap spark-operator kubeflow-apps knative kfserving"
    ),
}
# What can be pinned by an option; every release needs the manifests.
_PINS = ("kfctl", "kustomize", "platform")
# Releases whose notebook form has no choice of GPU resources, and none of tolerations: upstream's
# spawner_ui_config.yaml at the commits that kf_releases.py names.
_NO_VENDORS = ("0.6.2", "0.7.1")
_NO_TOLERATIONS = (*_NO_VENDORS, "1.0.2")


@dataclass(frozen=True, slots=True)
class Release:
    """A release of Kubeflow.

    Attributes:
        name: Its version.
        oldest: The first Kubernetes that has the API versions of its objects.
        newest: The last one; None without a limit.
        documented: First and last Kubernetes that upstream names for it.
        archives: What it is installed from, by the names of the charm's resources.
        cpu: CPUs that nodes must have.
        memory: Their memory in GiB.
        disk: Their disk in GB; 0 where upstream names none.
        whole: Whether the three are for all nodes together; else one node must have them.
        projection: Whether its pods ask for service account tokens with an audience.
        remote: Whether building its manifests fetches further ones from the network.
    """

    name: str
    oldest: Version
    newest: Version | None
    documented: tuple[Version, Version]
    archives: tuple[str, ...]
    cpu: float
    memory: float
    disk: float
    whole: bool
    projection: bool = True
    remote: bool = False

    @property
    def kfctl(self) -> bool:
        """Whether kfctl installs it."""
        return "kfctl" in self.archives

    @property
    def components(self) -> tuple[str, ...]:
        """What it consists of and can be left out; empty where its sources alone tell."""
        return tuple(_COMPONENTS.get(self.name, "").split())

    @property
    def idle_options(self) -> dict[str, str]:
        """The options of the charm that it has no use for, with the reason."""
        used = {archive.partition("-")[0] for archive in self.archives}
        idle = {f"{one}-url": f"it needs no {one}" for one in _PINS if one not in used}
        if self.name in _NO_VENDORS:
            idle["gpu-vendor"] = "its notebook form has a text field for GPUs"
        if self.name in _NO_TOLERATIONS:
            idle["spawner-tolerations"] = "its notebook form has no tolerations"
        return idle

    @property
    def architectures(self) -> tuple[str, ...]:
        """The machines that its program was built for, as Juju names them."""
        return ("amd64",) if self.kfctl else ("amd64", "arm64")

    def fits(self, kubernetes: Version) -> bool:
        """Tell whether a Kubernetes has the API versions of its objects."""
        return self.oldest <= kubernetes and (self.newest is None or kubernetes <= self.newest)


def _kfctl(name: str, newest: Version, documented: tuple[Version, Version], *more: str) -> Release:
    archives = ("kfctl", "manifests", *more)
    projection = name >= "1"
    return Release(name, (1, 11), newest, documented, archives, 4, 12, 50, False, projection)


def _manifests(
    name: str,
    oldest: Version,
    newest: Version | None,
    documented: tuple[Version, Version],
    *,
    remote: bool = False,
) -> Release:
    archives = ("kustomize-amd64", "kustomize-arm64", "manifests")
    return Release(
        name, oldest, newest, documented, archives, 4.4, 12.3, 0, True, True, remote
    )  # fmt: skip


RELEASES = (
    _kfctl("0.6.2", (1, 15), ((1, 14), (1, 15)), "platform"),
    _kfctl("0.7.1", (1, 15), ((1, 14), (1, 15))),
    _kfctl("1.0.2", (1, 21), ((1, 14), (1, 18))),
    _kfctl("1.2.0", (1, 21), ((1, 14), (1, 18))),
    _manifests("1.7.0", (1, 22), (1, 25), ((1, 24), (1, 25))),
    _manifests("1.8.1", (1, 23), None, ((1, 25), (1, 27))),
    _manifests("1.9.1", (1, 25), None, ((1, 29), (1, 29))),
    _manifests("1.10.2", (1, 25), None, ((1, 32), (1, 32))),
    _manifests("1.11.0", (1, 25), None, ((1, 32), (1, 34)), remote=True),
    _manifests("26.03", (1, 28), None, ((1, 34), (1, 36)), remote=True),
)
# What the charm takes when nothing is asked for, by the oldest Kubernetes that it is taken on.
_DEFAULTS: tuple[tuple[Version, str], ...] = (
    ((1, 34), "26.03"),
    ((1, 33), "1.11.0"),
    ((1, 31), "1.10.2"),
    ((1, 28), "1.9.1"),
    ((1, 25), "1.8.1"),
    ((1, 22), "1.7.0"),
    ((1, 17), "1.2.0"),
    ((1, 14), "1.0.2"),
    ((1, 13), "0.6.2"),
)


def find_release(name: str) -> Release | None:
    """Return a release by its name, with ``v`` or not; None when the charm has none of it."""
    bare = name.strip().lstrip("v")
    return next((release for release in RELEASES if release.name == bare), None)


def choose_release(kubernetes: Version | None, wish: str) -> Release | None:
    """Return the release that the charm takes: the one asked for, else the Kubernetes' own."""
    if wish:
        return find_release(wish)
    if kubernetes is None:
        return None
    return next((find_release(name) for since, name in _DEFAULTS if kubernetes >= since), None)
