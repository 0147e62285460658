"""Make objects of Kubeflow fit a site: images, way in, user, notebooks.

Each object is told by what it is (kind, name, keys), so one function serves all releases, and what
kfctl sends as well as what kustomize builds.
"""

import copy
from typing import Any, Dict, NamedTuple, Tuple

from kubeflow_installer.transform import gateway, identity, images, normalize, notebooks
from kubeflow_installer.transform.images import images_of, placed
from kubeflow_installer.transform.notebooks import Toleration

__all__ = ["CREDENTIAL", "SETTINGS", "Fitting", "Toleration", "fit", "images_of", "placed"]

Object = Dict[str, Any]
# The Secret in istio-system that holds the certificate from 1.8 on.
CREDENTIAL = "kubeflow-gateway-tls"
# An annotation of pods: what it holds changes with settings that they read as they start.
SETTINGS = "app.lab-charms/settings"

Fitting = NamedTuple(
    "Fitting",
    [
        # HOST:PORT/PATH; empty keeps upstream's.
        ("registry", str),
        # The GPU resource that notebooks are offered first; "none" keeps upstream's.
        ("gpu_vendor", str),
        ("tolerations", Tuple[Toleration, ...]),
        # E-mail address.
        ("user", str),
        # Of bcrypt.
        ("password_hash", str),
        ("hostname", str),
        # The Secret that Istio's gateway reads its certificate from by itself. It must be "" for
        # releases by kfctl, whose Istio reads the mounted istio-ingressgateway-certs.
        ("credential", str),
    ],
)
Fitting.__new__.__defaults__ = (CREDENTIAL,)


def fit(found: Object, fitting: Fitting) -> Object:
    """Return an object as a site wants it.

    - Images are those of the registry (transform.images says where they are found).
    - Service istio-system/istio-ingressgateway is a LoadBalancer, and Gateway
      kubeflow/kubeflow-gateway serves HTTPS (transform.gateway).
    - The user, the password's hash and the secrets behind the login are the site's
      (transform.identity): dex's ConfigMap or Secret, its client's, the Profile's owner.
    - The notebooks' form offers the site's GPU and tolerations (transform.notebooks).
    - Pods that read any of that as they start carry a digest of it, so that they follow.
    - What the server and upstream's programs write otherwise is brought into their form, or left
      to them (transform.normalize).

    The host name changes no more than that: the Gateway serves every name, and kfctl puts it into
    dex's and its client's addresses.

    Args:
        found: The object, as upstream has it or as this function returned it for the same site.
            One that was fitted for another registry cannot be told from upstream's, so keep
            upstream's.
        fitting: What the site wants.

    Returns:
        A changed copy, or the object itself where there is nothing to change; fitting it again
        changes nothing.

    Raises:
        ValueError: When no password's hash is given: upstream's must never get through.
    """
    if not fitting.password_hash:
        raise ValueError("objects are fitted with a password's hash, never with upstream's")
    result = _copy(found)
    normalize.settle(result)
    if found["kind"] != "CustomResourceDefinition":
        images.place(result, fitting.registry)
        gateway.open_way(result, fitting.credential)
        identity.identify(result, fitting.user, fitting.password_hash)
        _fit_spawner(result, fitting)
        _follow(result, fitting)
    return found if result == found else result


def _copy(found: Object) -> Object:
    """Return a copy of all that may be changed; a definition's schema is large and is not."""
    if found["kind"] != "CustomResourceDefinition":
        return copy.deepcopy(found)
    spec = dict(found["spec"])
    if "conversion" in spec:
        spec["conversion"] = copy.deepcopy(spec["conversion"])
    return dict(found, metadata=dict(found["metadata"]), spec=spec)


def _fit_spawner(found: Object, fitting: Fitting) -> None:
    data = found.get("data") if found["kind"] == "ConfigMap" else None
    if data and notebooks.KEY in data:
        data[notebooks.KEY] = notebooks.offer(
            str(data[notebooks.KEY]),
            fitting.gpu_vendor,
            fitting.tolerations,
            str,
        )


def _follow(found: Object, fitting: Fitting) -> None:
    value = ""
    if identity.reads(found):
        hostname = fitting.hostname if identity.reads_host(found) else ""
        value = identity.digest(fitting.user, fitting.password_hash, hostname)
    elif found["kind"] == "Deployment" and found["metadata"]["name"] == notebooks.DEPLOYMENT:
        value = notebooks.digest(fitting.gpu_vendor, fitting.tolerations)
    if value:
        metadata = found["spec"]["template"].setdefault("metadata", {})
        metadata.setdefault("annotations", {})[SETTINGS] = value
