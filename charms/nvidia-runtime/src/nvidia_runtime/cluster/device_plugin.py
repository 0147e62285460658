"""NVIDIA's device plugin as objects: what offers a node's GPUs to pods."""

from typing import Any, Dict, List, NamedTuple, Tuple

Version = Tuple[int, int]
NAMESPACE = "kube-system"
NAME = "nvidia-device-plugin"
# Every kind that any version of this charm makes.
KINDS = (
    ("apps/v1", "DaemonSet"),
    ("node.k8s.io/v1", "RuntimeClass"),
    ("node.k8s.io/v1beta1", "RuntimeClass"),
)
# 1.0.0-beta4 is the first of apps/v1 and the last of its kind for servers of 2019; from 1.16 on
# the current release is documented (k8s-device-plugin's README: Kubernetes 1.10 and later).
_OLD, _NEW = "1.0.0-beta4", "v0.20.0"
_SINCE = (1, 16)
# The node label that says that the runtime is set up there.
SELECTOR = {"gpu": "true"}

Settings = NamedTuple("Settings", [("version", str), ("registry", str), ("default_runtime", bool)])


def choose(server: Version, wish: str) -> str:
    """Return the version for a server: the one that is wished, or the one that fits."""
    if wish != "auto":
        return wish
    return _NEW if server >= _SINCE else _OLD


def image(version: str, registry: str) -> str:
    """Return the image of a version: NVIDIA moved from Docker Hub to its own registry at 0.10."""
    old = version.lstrip("v").startswith(("1.0.0", "0.6", "0.7", "0.8", "0.9"))
    if registry:
        return "%s/nvidia/k8s-device-plugin:%s" % (registry, version)
    return "%snvidia/k8s-device-plugin:%s" % ("" if old else "nvcr.io/", version)


def objects(server: Version, settings: Settings) -> List[Dict[str, Any]]:
    """Return the plugin's DaemonSet, and a runtime class where nvidia is not the default."""
    found = [_daemon_set(settings)]
    if not settings.default_runtime and server >= (1, 14):
        version = "node.k8s.io/v1" if server >= (1, 20) else "node.k8s.io/v1beta1"
        found.append(
            {
                "apiVersion": version,
                "kind": "RuntimeClass",
                "metadata": {"name": "nvidia"},
                "handler": "nvidia",
            }
        )
        found[0]["spec"]["template"]["spec"]["runtimeClassName"] = "nvidia"
    return found


def _daemon_set(settings: Settings) -> Dict[str, Any]:
    labels = {"name": NAME}
    container = {
        "name": NAME,
        "image": image(settings.version, settings.registry),
        # A node whose driver is not up yet must not make the plugin crash for ever.
        "env": [{"name": "FAIL_ON_INIT_ERROR", "value": "false"}],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": "device-plugin", "mountPath": "/var/lib/kubelet/device-plugins"}
        ],
    }
    volume = {"name": "device-plugin", "hostPath": {"path": "/var/lib/kubelet/device-plugins"}}
    pod = {
        "containers": [container],
        "nodeSelector": dict(SELECTOR),
        "priorityClassName": "system-node-critical",
        "tolerations": [
            {"key": "CriticalAddonsOnly", "operator": "Exists"},
            {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},
        ],
        "volumes": [volume],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": NAME, "namespace": NAMESPACE},
        "spec": {
            "selector": {"matchLabels": labels},
            "updateStrategy": {"type": "RollingUpdate"},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


def others(daemon_sets: List[Dict[str, Any]], application_label: str) -> List[str]:
    """Name the device plugins that somebody else runs: the cluster's addons, or people."""
    found = []
    for item in daemon_sets:
        pod = item.get("spec", {}).get("template", {}).get("spec", {})
        images = [container.get("image", "") for container in pod.get("containers", [])]
        ours = application_label in (item["metadata"].get("labels") or {})
        if not ours and any("k8s-device-plugin" in name for name in images):
            found.append("%s/%s" % (item["metadata"]["namespace"], item["metadata"]["name"]))
    return found
