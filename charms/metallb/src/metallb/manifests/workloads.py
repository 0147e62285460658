"""The controller's Deployment and the speakers' DaemonSet of the releases up to 0.12."""

from typing import Any, List

from labcharm.json_types import JsonObject
from metallb.manifests.fields import new_object
from metallb.manifests.pod_security_policies import speaker_capabilities
from metallb.manifests.settings import Settings
from metallb.releases import Release

_PROBE = {
    "httpGet": {"path": "/metrics", "port": "monitoring"},
    "initialDelaySeconds": 10, "periodSeconds": 10, "timeoutSeconds": 1, "successThreshold": 1,
    "failureThreshold": 3,
}  # fmt: skip


def image(release: Release, program: str, registry: str) -> str:
    """Return the image of a program.

    Args:
        release: The release.
        program: controller or speaker.
        registry: The site's registry; empty for the release's own.
    """
    path = f"{registry}/metallb" if registry else release.images
    return f"{path}/{program}:{release.tag}"


def controller(release: Release, settings: Settings) -> JsonObject:
    """Return the controller's Deployment."""
    container: JsonObject = {
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["all"]},
            "readOnlyRootFilesystem": True,
        }
    }
    security = {"runAsNonRoot": True, "runAsUser": 65534}
    if release.number >= (0, 10, 0):
        security["fsGroup"] = 65534
        container["env"] = [
            {"name": "METALLB_ML_SECRET_NAME", "value": "memberlist"},
            {"name": "METALLB_DEPLOYMENT", "value": "controller"},
        ]
    pod = dict(_pod(release, "controller", settings, container), securityContext=security)
    return _workload("Deployment", "controller", pod, revisionHistoryLimit=3)


def speaker(release: Release, settings: Settings) -> JsonObject:
    """Return the speakers' DaemonSet."""
    container: JsonObject = {
        "env": _speaker_env(release),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"add": speaker_capabilities(release), "drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
    }
    pod = _pod(release, "speaker", settings, container)
    toleration = {"effect": "NoSchedule", "key": "node-role.kubernetes.io/master"}
    if release.number >= (0, 10, 0):
        pod["containers"][0]["ports"] += [
            {"containerPort": 7946, "name": "memberlist-tcp"},
            {"containerPort": 7946, "name": "memberlist-udp", "protocol": "UDP"},
        ]
        toleration["operator"] = "Exists"
    pod.update(hostNetwork=True, tolerations=[toleration, *pod.get("tolerations", [])])
    if release.number >= (0, 9, 0):
        pod["terminationGracePeriodSeconds"] = 2
    return _workload("DaemonSet", "speaker", pod)


def _workload(kind: str, component: str, pod: JsonObject, **spec: Any) -> JsonObject:
    labels = {"app": "metallb", "component": component}
    annotations = {"prometheus.io/port": "7472", "prometheus.io/scrape": "true"}
    template = {"metadata": {"annotations": annotations, "labels": labels}, "spec": pod}
    whole_spec = dict({"selector": {"matchLabels": labels}, "template": template}, **spec)
    workload = new_object("apps/v1", kind, component, spec=whole_spec)
    workload["metadata"]["labels"]["component"] = component
    return workload


def _pod(
    release: Release, component: str, settings: Settings, container: JsonObject
) -> JsonObject:
    system_label = "kubernetes.io/os" if release.number >= (0, 9, 6) else "beta.kubernetes.io/os"
    pod = {
        "containers": [dict(_container(release, component, settings), **container)],
        "nodeSelector": dict(settings.node_selector, **{system_label: "linux"}),
        "serviceAccountName": component,
        "terminationGracePeriodSeconds": 0,
    }
    tolerations = [dict(toleration) for toleration in settings.tolerations]
    return dict(pod, tolerations=tolerations) if tolerations else pod


def _container(release: Release, component: str, settings: Settings) -> JsonObject:
    number = release.number
    arguments = ["--port=7472", "--config=config"]
    container: JsonObject = {
        "args": arguments,
        "image": image(release, component, settings.registry),
        "name": component,
        "ports": [{"containerPort": 7472, "name": "monitoring"}],
    }
    if number >= (0, 11, 0):
        arguments.append(f"--log-level={settings.log_level}")
    if number < (0, 10, 0):
        container["imagePullPolicy"] = "Always" if number >= (0, 9, 0) else "IfNotPresent"
        container["resources"] = {"limits": {"cpu": "100m", "memory": "100Mi"}}
    if number >= (0, 12, 0):
        container.update(livenessProbe=dict(_PROBE), readinessProbe=dict(_PROBE))
    return container


def _speaker_env(release: Release) -> List[JsonObject]:
    env = [
        _from_field("METALLB_NODE_NAME", "spec.nodeName"),
        _from_field("METALLB_HOST", "status.hostIP"),
    ]
    if release.number < (0, 9, 0):
        return env
    env.append(_from_field("METALLB_ML_BIND_ADDR", "status.podIP"))
    env.append({"name": "METALLB_ML_LABELS", "value": "app=metallb,component=speaker"})
    if release.number < (0, 10, 0):
        env.append(_from_field("METALLB_ML_NAMESPACE", "metadata.namespace"))
    key = {"secretKeyRef": {"name": "memberlist", "key": "secretkey"}}
    return [*env, {"name": "METALLB_ML_SECRET_KEY", "valueFrom": key}]


def _from_field(name: str, path: str) -> JsonObject:
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}
