"""NVIDIA's device plugin, which offers a node's GPUs to pods."""

import functools
import os
from typing import List, NamedTuple, Sequence

import yaml

from labcharm.json_types import JsonObject
from labkube.apply.objects import Objects
from labkube.apply.owned import APPLICATION_LABEL
from labkube.client.api import Api, Version
from nvidia_runtime.options import Options

CHARM = "nvidia-runtime"
NAMESPACE = "kube-system"
NAME = "nvidia-device-plugin"
RUNTIME_CLASS = "nvidia"
# Every kind that any version of this charm applies.
KINDS = (
    ("apps/v1", "DaemonSet"),
    ("node.k8s.io/v1", "RuntimeClass"),
    ("node.k8s.io/v1beta1", "RuntimeClass"),
)
_DIRECTORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_TABLE = os.path.join(_DIRECTORY, "device_plugins.yaml")
# Units set this label on their node once the runtime is set up there.
SELECTOR = {"gpu": "true"}


class PluginSettings(NamedTuple):
    """The device plugin's settings.

    Attributes:
        version: Its release.
        registry: The registry of its image; empty for NVIDIA's.
        default_runtime: Whether nvidia is the nodes' default runtime.
    """

    version: str
    registry: str
    default_runtime: bool


class DevicePlugin:
    """The device plugin on a cluster.

    Args:
        api: The cluster.
        application: The application's identity on the cluster (`compat.identity`).
    """

    def __init__(self, api: Api, application: str) -> None:
        self._api = api
        fix = "remove it, or set device-plugin=none"
        self._objects = Objects(api, application, CHARM, KINDS, foreign_fix=fix)

    def reconcile(self, options: Options) -> Sequence[str]:
        """Apply the device plugin as the options ask for, or remove it.

        Returns:
            The names of the device plugins that others run on the cluster; the charm's is then
            not applied.

        Raises:
            ApiError: When the API refuses or does not answer.
            ForeignObjectError: When an object of the same name is not the application's.
        """
        if options.device_plugin == "none":
            self._objects.apply([])
            return []
        foreign = foreign_plugins(self._api.list("apps/v1", "DaemonSet"), APPLICATION_LABEL)
        if foreign:
            self._objects.apply([])
            return foreign
        server = self._api.version()
        version = choose_version(server, options.device_plugin)
        settings = PluginSettings(version, options.registry, options.default_runtime)
        self._objects.apply(plugin_objects(server, settings))
        return []

    def remove(self) -> None:
        """Remove the device plugin.

        Raises:
            ApiError: When the API refuses or does not answer.
        """
        self._objects.remove(10)


def choose_version(server: Version, option: str) -> str:
    """Return the release for a server: the one that the option names, or the one that fits."""
    if option != "auto":
        return option
    rows = _table()["defaults"]
    return next(str(row["release"]) for row in rows if server >= _version(row["kubernetes"]))


def image(version: str, registry: str) -> str:
    """Return the image of a release."""
    name = f"{_table()['image']}:{version}"
    home = registry or _registry_of(version)
    return f"{home}/{name}" if home else name


def _registry_of(version: str) -> str:
    """Return the registry of a release's image; empty for Docker Hub."""
    number = version.lstrip("v")
    rows = _table()["registries"]
    return next(str(row["registry"]) for row in rows if number.startswith(tuple(row["releases"])))


@functools.lru_cache(maxsize=None)
def _table() -> JsonObject:
    with open(_TABLE, encoding="utf-8") as file:
        return dict(yaml.safe_load(file))


def _version(text: str) -> Version:
    major, minor = text.split(".")
    return int(major), int(minor)


def plugin_objects(server: Version, settings: PluginSettings) -> List[JsonObject]:
    """Return the plugin's DaemonSet, and a RuntimeClass where nvidia is not the default."""
    daemon_set = _daemon_set(settings)
    if settings.default_runtime or server < (1, 14):
        return [daemon_set]
    daemon_set["spec"]["template"]["spec"]["runtimeClassName"] = RUNTIME_CLASS
    runtime_class = {
        "apiVersion": "node.k8s.io/v1" if server >= (1, 20) else "node.k8s.io/v1beta1",
        "kind": "RuntimeClass",
        "metadata": {"name": RUNTIME_CLASS},
        "handler": "nvidia",
    }
    return [daemon_set, runtime_class]


def _daemon_set(settings: PluginSettings) -> JsonObject:
    labels = {"name": NAME}
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": NAME, "namespace": NAMESPACE},
        "spec": {
            "selector": {"matchLabels": labels},
            "updateStrategy": {"type": "RollingUpdate"},
            "template": {"metadata": {"labels": labels}, "spec": _pod(settings)},
        },
    }


def _pod(settings: PluginSettings) -> JsonObject:
    volume = {"name": "device-plugin", "hostPath": {"path": "/var/lib/kubelet/device-plugins"}}
    return {
        "containers": [_container(settings)],
        "nodeSelector": dict(SELECTOR),
        "priorityClassName": "system-node-critical",
        "tolerations": [
            {"key": "CriticalAddonsOnly", "operator": "Exists"},
            {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},
        ],
        "volumes": [volume],
    }


def _container(settings: PluginSettings) -> JsonObject:
    return {
        "name": NAME,
        "image": image(settings.version, settings.registry),
        # On a node whose driver is not loaded yet the plugin waits instead of crashing.
        "env": [{"name": "FAIL_ON_INIT_ERROR", "value": "false"}],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": "device-plugin", "mountPath": "/var/lib/kubelet/device-plugins"}
        ],
    }


def foreign_plugins(daemon_sets: List[JsonObject], application_label: str) -> List[str]:
    """Name the device plugins that the cluster's addons or other applications run.

    Args:
        daemon_sets: All DaemonSets of the cluster.
        application_label: The label that every object of these charms carries.
    """
    names = []
    for daemon_set in daemon_sets:
        metadata = daemon_set["metadata"]
        is_foreign = application_label not in (metadata.get("labels") or {})
        if is_foreign and any("k8s-device-plugin" in name for name in _images(daemon_set)):
            names.append(f"{metadata['namespace']}/{metadata['name']}")
    return names


def _images(daemon_set: JsonObject) -> List[str]:
    pod = daemon_set.get("spec", {}).get("template", {}).get("spec", {})
    return [container.get("image", "") for container in pod.get("containers", [])]
