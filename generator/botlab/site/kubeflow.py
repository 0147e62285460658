"""The Kubeflow installation of a site."""

from __future__ import annotations

from typing import Annotated

import pydantic

from .names import Registry, optional_host_name
from .object_names import LABEL, NAME, WORD, Taint
from .section import Section
from .text_format import TextFormat

# The charm kubeflow-installer accepts every value that these formats accept.
_USER = TextFormat(
    r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$",
    "an e-mail address",
    "write one such as admin@lab.example",
)
_HOST = optional_host_name("kubeflow.lab.example")
_SECRET = TextFormat(
    rf"^({LABEL}/{NAME})?$",
    "a secret",
    "write NAMESPACE/NAME, such as kubeflow-certificates/dashboard",
)
_VENDOR = TextFormat(
    rf"^(none|{NAME}/{WORD})$",
    "a node resource",
    "write one such as nvidia.com/gpu, or none",
)
_COMPONENT = TextFormat(
    r"^[a-z0-9][a-z0-9._-]*$", "a component name", "write one such as katib-controller"
)
_PINNED_URL = TextFormat(
    r"^(https?://[^\s#]+#sha256=[0-9a-f]{64})?$",
    "a pinned URL",
    "write URL#sha256=DIGEST, with http:// or https:// and 64 hexadecimal digits",
)
Component = Annotated[str, _COMPONENT]
PinnedUrl = Annotated[str, _PINNED_URL]
_EXAMPLE_DIGEST = "#sha256=" + "0123456789abcdef" * 4


class Kubeflow(Section):
    """Kubeflow (charm kubeflow-installer)."""

    version: str = pydantic.Field(
        default="",
        description="Kubeflow release. If it is empty, the charm chooses a release that fits the"
        " API server.",
        examples=["26.03"],
    )
    user: Annotated[str, _USER] = pydantic.Field(
        default="admin@kubeflow.org",
        description="Email address of the first user. The charm generates the password when it"
        " installs Kubeflow.",
    )
    hostname: Annotated[str, _HOST] = pydantic.Field(
        default="",
        max_length=253,
        description="Host name of the dashboard, in lower-case letters. If it is empty, the"
        " dashboard is reached at the address of its LoadBalancer service.",
        examples=["kubeflow.lab.example"],
    )
    tls_secret: Annotated[str, _SECRET] = pydantic.Field(
        default="",
        description="Secret with the certificate for HTTPS, as NAMESPACE/NAME. If it is empty, the"
        " charm creates a self-signed certificate.",
        examples=["kubeflow-certificates/dashboard"],
    )
    excluded_components: list[Component] = pydantic.Field(
        default=["spartakus"],
        description="Components that are not installed, by the names that the release gives them."
        " Your list replaces the default, which excludes the component that reports usage to"
        " upstream.",
        examples=[["spartakus", "katib"]],
    )
    gpu_vendor: Annotated[str, _VENDOR] = pydantic.Field(
        default="nvidia.com/gpu",
        description="GPU resource that the notebook spawner offers first, from Kubeflow 1.0 on."
        " With the value none, the spawner is not changed.",
    )
    spawner_tolerations: list[Taint] = pydantic.Field(
        default=[],
        description="Taints that users can let a notebook tolerate, as KEY=VALUE:EFFECT or"
        " KEY:EFFECT, from Kubeflow 1.2 on.",
        examples=[["gpu=true:NoSchedule"]],
    )
    registry: Registry = pydantic.Field(
        default="",
        description="Registry for Kubeflow's images, as HOST:PORT/PATH. If it is empty,"
        " kubernetes.registry is used, or upstream's registries if kubernetes.registry is empty"
        " too.",
        examples=["registry.lab.example:5000/kubeflow"],
    )
    kfctl_url: PinnedUrl = pydantic.Field(
        default="",
        description="Location of kfctl's archive, as URL#sha256=DIGEST, for Kubeflow up to 1.2."
        " If it is empty, the resource kfctl of applications.kubeflow-installer is used.",
        examples=[f"http://files.lab.example/kfctl_v0.6.2_linux.tar.gz{_EXAMPLE_DIGEST}"],
    )
    kustomize_url: PinnedUrl = pydantic.Field(
        default="",
        description="Location of kustomize's archive, as URL#sha256=DIGEST, for Kubeflow from 1.7"
        " on. If it is empty, the attached resource kustomize-amd64 or kustomize-arm64 is used,"
        " or upstream's archive if there is none.",
        examples=[f"http://files.lab.example/kustomize.tar.gz{_EXAMPLE_DIGEST}"],
    )
    manifests_url: PinnedUrl = pydantic.Field(
        default="",
        description="Location of the manifests' archive, or of the YAML file built from it, as"
        " URL#sha256=DIGEST. If it is empty, the attached resource manifests is used, or"
        " upstream's archive if there is none.",
        examples=[f"http://files.lab.example/manifests.tar.gz{_EXAMPLE_DIGEST}"],
    )
    platform_url: PinnedUrl = pydantic.Field(
        default="",
        description="Location of the archive of kubeflow/kubeflow that Kubeflow 0.6 needs, as"
        " URL#sha256=DIGEST. If it is empty, the attached resource platform is used, or"
        " upstream's archive if there is none.",
        examples=[f"http://files.lab.example/kubeflow.tar.gz{_EXAMPLE_DIGEST}"],
    )
