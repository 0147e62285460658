"""Kubeflow, as the charm kubeflow-installer serves it."""

from __future__ import annotations

from typing import Annotated

import pydantic

from .base import Form, Part, Registry

# As the charm kubeflow-installer takes its options (kf_options.py), or narrower: what passes here
# passes there. Names of objects, resources and taints are apimachinery's (validation.go).
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?"
_WORD = r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
_USER = Form(
    r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$",
    "no e-mail address; write one such as admin@lab.example",
)
# The last label of a host name begins with a letter, so that no address passes for one.
_HOST = Form(
    rf"^(({_LABEL}\.)*[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?)?$",
    "no host name; write one in small letters, such as kubeflow.lab.example",
)
_SECRET = Form(
    rf"^({_LABEL}/{_NAME})?$",
    "no secret; write NAMESPACE/NAME, such as kubeflow-certificates/dashboard",
)
_VENDOR = Form(
    rf"^(none|{_NAME}/{_WORD})$", "no resource of nodes; write one such as nvidia.com/gpu, or none"
)
_TAINT = Form(
    rf"^({_NAME}/)?{_WORD}(=({_WORD})?)?:(NoSchedule|PreferNoSchedule|NoExecute)$",
    "no taint; write KEY=VALUE:EFFECT or KEY:EFFECT, with an effect of NoSchedule,"
    " PreferNoSchedule or NoExecute",
)
_COMPONENT = Form(
    r"^[a-z0-9][a-z0-9._-]*$", "no component's name; write one such as katib-controller"
)
_PINNED = Form(
    r"^(https?://[^\s#]+#sha256=[0-9a-f]{64})?$",
    "no pinned file; write URL#sha256=DIGEST, with http:// or https:// and 64 hex digits",
)
Toleration = Annotated[str, _TAINT]
Component = Annotated[str, _COMPONENT]
Pinned = Annotated[str, _PINNED]
_DIGEST = "#sha256=" + "0123456789abcdef" * 4


class Kubeflow(Part):
    """Kubeflow (charm kubeflow-installer)."""

    version: str = pydantic.Field(
        default="",
        description="Kubeflow version; empty lets the charm choose by the API server's version.",
        examples=["0.6.2"],
    )
    user: Annotated[str, _USER] = pydantic.Field(
        default="admin@kubeflow.org",
        description="First user, as an e-mail address. The password is generated at install.",
    )
    hostname: Annotated[str, _HOST] = pydantic.Field(
        default="",
        max_length=253,
        description="Host name under which the dashboard answers, in small letters; empty uses"
        " the address that the LoadBalancer hands out.",
        examples=["kubeflow.lab.example"],
    )
    tls_secret: Annotated[str, _SECRET] = pydantic.Field(
        default="",
        description="Secret of the cluster with the certificate for HTTPS, as NAMESPACE/NAME;"
        " empty makes a self-signed one.",
        examples=["kubeflow-certificates/dashboard"],
    )
    excluded_components: list[Component] = pydantic.Field(
        default=["spartakus"],
        description="Components that are not installed, by the release's own names. A list of your"
        " own replaces the default, by which usage is not reported to upstream.",
        examples=[["spartakus", "katib"]],
    )
    gpu_vendor: Annotated[str, _VENDOR] = pydantic.Field(
        default="nvidia.com/gpu",
        description="GPU resource that the notebook spawner offers first, from Kubeflow 1.0 on;"
        " none leaves the spawner as it is.",
    )
    spawner_tolerations: list[Toleration] = pydantic.Field(
        default=[],
        description="Taints that users may let a notebook tolerate, as KEY=VALUE:EFFECT or"
        " KEY:EFFECT; from Kubeflow 1.2 on.",
        examples=[["gpu=true:NoSchedule"]],
    )
    registry: Registry = pydantic.Field(
        default="",
        description="Registry that Kubeflow's images are pulled from, as HOST:PORT/PATH; empty"
        " takes kubernetes.registry, else upstream's.",
        examples=["registry.lab.example:5000/kubeflow"],
    )
    kfctl_url: Pinned = pydantic.Field(
        default="",
        description="Where kfctl's archive is fetched from, as URL#sha256=DIGEST, for Kubeflow up"
        " to 1.2; empty takes the resource kfctl of applications.kubeflow-installer.",
        examples=[f"http://files.lab.example/kfctl_v0.6.2_linux.tar.gz{_DIGEST}"],
    )
    kustomize_url: Pinned = pydantic.Field(
        default="",
        description="Where kustomize's archive is fetched from, as URL#sha256=DIGEST, for Kubeflow"
        " from 1.7 on; empty takes the resource kustomize-amd64 or kustomize-arm64, else"
        " upstream's.",
        examples=[f"http://files.lab.example/kustomize.tar.gz{_DIGEST}"],
    )
    manifests_url: Pinned = pydantic.Field(
        default="",
        description="Where the manifests' archive, or the YAML built of it, is fetched from, as"
        " URL#sha256=DIGEST; empty takes the resource manifests, else upstream's.",
        examples=[f"http://files.lab.example/manifests.tar.gz{_DIGEST}"],
    )
    platform_url: Pinned = pydantic.Field(
        default="",
        description="Where the archive of kubeflow/kubeflow is fetched from that Kubeflow 0.6"
        " needs, as URL#sha256=DIGEST; empty takes the resource platform, else upstream's.",
        examples=[f"http://files.lab.example/kubeflow.tar.gz{_DIGEST}"],
    )
