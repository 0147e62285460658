"""NVIDIA's device plugin, on a server in memory."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.fake_apis.memory_api import MemoryApi
from labkube.apply.objects import ForeignObjectError
from labkube.apply.owned import APPLICATION_LABEL
from nvidia_runtime.cluster.device_plugin import (
    DevicePlugin,
    PluginSettings,
    choose_version,
    foreign_plugins,
    image,
    plugin_objects,
)
from nvidia_runtime.options import read_options

RUNTIME_CLASSES = (("node.k8s.io/v1", "RuntimeClass"), ("node.k8s.io/v1beta1", "RuntimeClass"))
DAEMON_SET = {
    "apiVersion": "apps/v1",
    "kind": "DaemonSet",
    "metadata": {"name": "nvidia-device-plugin", "namespace": "kube-system"},
    "spec": {
        "selector": {"matchLabels": {"name": "nvidia-device-plugin"}},
        "updateStrategy": {"type": "RollingUpdate"},
        "template": {
            "metadata": {"labels": {"name": "nvidia-device-plugin"}},
            "spec": {
                "containers": [
                    {
                        "name": "nvidia-device-plugin",
                        "image": "nvcr.io/nvidia/k8s-device-plugin:v0.20.0",
                        "env": [{"name": "FAIL_ON_INIT_ERROR", "value": "false"}],
                        "securityContext": {
                            "allowPrivilegeEscalation": False,
                            "capabilities": {"drop": ["ALL"]},
                        },
                        "volumeMounts": [
                            {
                                "name": "device-plugin",
                                "mountPath": "/var/lib/kubelet/device-plugins",
                            }
                        ],
                    }
                ],
                "nodeSelector": {"gpu": "true"},
                "priorityClassName": "system-node-critical",
                "tolerations": [
                    {"key": "CriticalAddonsOnly", "operator": "Exists"},
                    {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},
                ],
                "volumes": [
                    {
                        "name": "device-plugin",
                        "hostPath": {"path": "/var/lib/kubelet/device-plugins"},
                    }
                ],
            },
        },
    },
}


@pytest.fixture
def api() -> Any:
    """Return an empty server."""
    return MemoryApi((1, 28), RUNTIME_CLASSES)


def reconcile(api: Any, **config: Any) -> list[str]:
    """Reconcile the plugin with these options."""
    options = read_options({name.replace("_", "-"): text for name, text in config.items()})
    return list(DevicePlugin(api, "model-gpu").reconcile(options))


def addon(image_name: str, name: str = "addon", **labels: str) -> dict[str, Any]:
    """Return a DaemonSet in kube-system."""
    pod = {"containers": [{"name": "sidecar"}, {"name": "plugin", "image": image_name}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": name, "namespace": "kube-system", "labels": labels},
        "spec": {"template": {"spec": pod}},
    }


def test_daemon_set_runs_on_the_nodes_with_a_gpu() -> None:
    settings = PluginSettings("v0.20.0", "", default_runtime=True)

    assert plugin_objects((1, 28), settings) == [DAEMON_SET]


@pytest.mark.parametrize(
    ("server", "api_version"),
    [
        ((1, 14), "node.k8s.io/v1beta1"),
        ((1, 19), "node.k8s.io/v1beta1"),
        ((1, 20), "node.k8s.io/v1"),
    ],
)
def test_runtime_class_is_made_where_nvidia_is_not_the_default(
    server: tuple[int, int], api_version: str
) -> None:
    settings = PluginSettings("v0.20.0", "", default_runtime=False)
    daemon_set, runtime_class = plugin_objects(server, settings)

    assert daemon_set["spec"]["template"]["spec"]["runtimeClassName"] == "nvidia"
    assert runtime_class == {
        "apiVersion": api_version,
        "kind": "RuntimeClass",
        "metadata": {"name": "nvidia"},
        "handler": "nvidia",
    }


def test_server_without_runtime_classes_gets_the_daemon_set_alone() -> None:
    (daemon_set,) = plugin_objects((1, 13), PluginSettings("v0.20.0", "", default_runtime=False))

    assert "runtimeClassName" not in daemon_set["spec"]["template"]["spec"]


@pytest.mark.parametrize(
    ("server", "option", "version"),
    [
        ((1, 15), "auto", "1.0.0-beta4"),
        ((1, 16), "auto", "v0.20.0"),
        ((1, 15), "v0.9.0", "v0.9.0"),
    ],
)
def test_release_fits_the_server(server: tuple[int, int], option: str, version: str) -> None:
    assert choose_version(server, option) == version


@pytest.mark.parametrize(
    ("version", "registry", "name"),
    [
        ("v0.20.0", "", "nvcr.io/nvidia/k8s-device-plugin:v0.20.0"),
        ("v0.10.0", "", "nvcr.io/nvidia/k8s-device-plugin:v0.10.0"),
        *(
            (version, "", f"nvidia/k8s-device-plugin:{version}")
            for version in ("1.0.0-beta4", "v0.6.0", "v0.7.0", "v0.8.0", "v0.9.0")
        ),
        ("v0.20.0", "m.example:5000", "m.example:5000/nvidia/k8s-device-plugin:v0.20.0"),
        ("v0.9.0", "m.example", "m.example/nvidia/k8s-device-plugin:v0.9.0"),
    ],
)
def test_image_is_in_the_registry_of_its_release(version: str, registry: str, name: str) -> None:
    assert image(version, registry) == name


def test_plugin_is_applied_changed_and_removed(api: Any) -> None:
    """A second run writes nothing."""
    assert reconcile(api, default_runtime=False, image_registry="m.example") == []
    writes = ["PUT RuntimeClass nvidia", "PUT DaemonSet nvidia-device-plugin"]
    assert sorted(api.writes) == sorted(writes)
    live = api.get(DAEMON_SET)
    (container,) = live["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "m.example/nvidia/k8s-device-plugin:v0.20.0"
    assert live["metadata"]["labels"][APPLICATION_LABEL] == "model-gpu"
    reconcile(api, default_runtime=False, image_registry="m.example")
    assert len(api.writes) == 2

    reconcile(api, device_plugin="v0.9.0")
    assert api.writes[-1] == "DELETE RuntimeClass nvidia"
    pod = api.get(DAEMON_SET)["spec"]["template"]["spec"]
    assert "runtimeClassName" not in pod
    (container,) = pod["containers"]
    assert container["image"] == "nvidia/k8s-device-plugin:v0.9.0"

    DevicePlugin(api, "model-gpu").remove()
    assert api.objects == {}


def test_option_none_removes_the_plugin(api: Any) -> None:
    reconcile(api)

    assert reconcile(api, device_plugin="none") == []
    assert api.objects == {}


def test_plugin_of_an_addon_replaces_the_charms(api: Any) -> None:
    """Two plugins would offer each GPU twice."""
    reconcile(api)
    api.create(addon("nvcr.io/nvidia/k8s-device-plugin:v0.14.0"))

    assert reconcile(api) == ["kube-system/addon"]
    assert [key[3] for key in api.objects] == ["addon"]


def test_foreign_object_of_the_same_name_is_not_overwritten(api: Any) -> None:
    api.create(addon("other", "nvidia-device-plugin"))
    with pytest.raises(ForeignObjectError) as raised:
        reconcile(api)

    assert str(raised.value) == (
        "not made by this application: DaemonSet kube-system/nvidia-device-plugin;"
        " remove it, or set device-plugin=none"
    )


def test_plugins_are_recognized_by_their_image() -> None:
    daemon_sets = [
        addon("nvidia/k8s-device-plugin:1.0.0-beta4", "a"),
        addon("nvidia/k8s-device-plugin:1.0.0-beta4", "b", label="x"),
        addon("nginx", "c"),
        {"metadata": {"name": "d", "namespace": "n"}},
    ]

    assert foreign_plugins(daemon_sets, "label") == ["kube-system/a"]
