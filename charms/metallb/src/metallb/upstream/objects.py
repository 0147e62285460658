"""MetalLB's objects up to 0.12, as each release's own manifest makes them.

Written as data and not as text templates: a registry or a label of a site's cannot break out of
its place. The tests hold them field by field against upstream's manifests.
"""

from typing import Any, Dict, List, NamedTuple, Tuple

from metallb.upstream.releases import Release

Object = Dict[str, Any]
NAMESPACE = "metallb-system"
_RBAC = "rbac.authorization.k8s.io/v1"
_RANGE = {"ranges": [{"max": 65535, "min": 1}], "rule": "MustRunAs"}
_ANY = {"rule": "RunAsAny"}
_PROBE = {
    "httpGet": {"path": "/metrics", "port": "monitoring"},
    "initialDelaySeconds": 10, "periodSeconds": 10, "timeoutSeconds": 1, "successThreshold": 1,
    "failureThreshold": 3,
}  # fmt: skip
POD_SECURITY = {
    "pod-security.kubernetes.io/%s" % mode: "privileged" for mode in ("enforce", "audit", "warn")
}

Settings = NamedTuple(
    "Settings",
    [
        ("registry", str),
        ("selector", Tuple[Tuple[str, str], ...]),
        ("tolerations", Tuple[Tuple[Tuple[str, str], ...], ...]),
        ("log_level", str),
    ],
)


def image(release: Release, program: str, registry: str) -> str:
    """Return the image of a program; v0.8.3's manifest names those of v0.8.2."""
    tag = "v0.8.2" if release.name == "v0.8.3" else release.name
    home = "%s/metallb" % registry if registry else release.images
    return "%s/%s:%s" % (home, program, tag)


def objects(release: Release, settings: Settings, pod_security: bool) -> List[Object]:
    """Return a release's objects without its configuration and without the memberlist's secret.

    Args:
        release: One that is configured by a ConfigMap.
        settings: What the site wants of the pods.
        pod_security: Whether the server enforces pod-security labels (1.23 and later).
    """
    labels = dict(POD_SECURITY) if pod_security else {}
    namespace = _object("v1", "Namespace", NAMESPACE, namespaced=False)
    namespace["metadata"]["labels"].update(labels)
    return [
        namespace,
        *policies(release),
        *_accounts(),
        *_rules(release),
        *_bindings(release),
        _speaker(release, settings),
        _controller(release, settings),
    ]


def _object(api: str, kind: str, name: str, namespaced: bool = True, **fields: Any) -> Object:
    metadata: Dict[str, Any] = {"name": name, "labels": {"app": "metallb"}}
    if namespaced:
        metadata["namespace"] = NAMESPACE
    return dict({"apiVersion": api, "kind": kind, "metadata": metadata}, **fields)


def policies(release: Release) -> List[Object]:
    """Return the pod security policies, for servers up to 1.24."""
    found = [("speaker", _speaker_policy(release))]
    if release.number >= (0, 9, 0):
        found.insert(0, ("controller", _controller_policy()))
    return [
        _object("policy/v1beta1", "PodSecurityPolicy", name, namespaced=False, spec=spec)
        for name, spec in found
    ]


def _controller_policy() -> Object:
    return {
        "allowPrivilegeEscalation": False, "allowedCapabilities": [], "allowedHostPaths": [],
        "defaultAddCapabilities": [], "defaultAllowPrivilegeEscalation": False,
        "fsGroup": _RANGE, "hostIPC": False, "hostNetwork": False, "hostPID": False,
        "privileged": False, "readOnlyRootFilesystem": True, "requiredDropCapabilities": ["ALL"],
        "runAsUser": _RANGE, "seLinux": _ANY, "supplementalGroups": _RANGE,
        "volumes": ["configMap", "secret", "emptyDir"],
    }  # fmt: skip


def _speaker_policy(release: Release) -> Object:
    ports = [{"max": 7472, "min": 7472}]
    if release.number >= (0, 10, 0):
        ports.append({"max": 7946, "min": 7946})
    found = {
        "allowPrivilegeEscalation": False, "allowedCapabilities": _capabilities(release),
        "fsGroup": _ANY, "hostNetwork": True, "hostPorts": ports, "privileged": True,
        "runAsUser": _ANY, "seLinux": _ANY, "supplementalGroups": _ANY, "volumes": ["*"],
    }  # fmt: skip
    if release.number >= (0, 9, 0):
        found.update(
            allowedHostPaths=[], defaultAddCapabilities=[], defaultAllowPrivilegeEscalation=False,
            hostIPC=False, hostPID=False, readOnlyRootFilesystem=True,
            requiredDropCapabilities=["ALL"], volumes=["configMap", "secret", "emptyDir"],
        )  # fmt: skip
    return found


def _capabilities(release: Release) -> List[str]:
    return ["NET_RAW"] if release.number >= (0, 10, 0) else ["NET_ADMIN", "NET_RAW", "SYS_ADMIN"]


def _accounts() -> List[Object]:
    return [_object("v1", "ServiceAccount", name) for name in ("controller", "speaker")]


def _rule(group: str, resources: List[str], verbs: str, *names: str) -> Object:
    found = {"apiGroups": [group], "resources": resources, "verbs": verbs.split()}
    return dict(found, resourceNames=list(names)) if names else found


def _rules(release: Release) -> List[Object]:
    later = release.number >= (0, 10, 0)
    found = [
        _cluster_role("controller", _controller_rules(release)),
        _cluster_role("speaker", _speaker_rules(release)),
        _role("config-watcher", [_rule("", ["configmaps"], "get list watch")]),
    ]
    if release.number >= (0, 9, 0):
        found.append(_role("pod-lister", [_rule("", ["pods"], "list")]))
    if later:
        rules = [
            _rule("", ["secrets"], "create"),
            _rule("", ["secrets"], "list", "memberlist"),
            _rule("apps", ["deployments"], "get", "controller"),
        ]
        found.append(_role("controller", rules))
    return found


def _controller_rules(release: Release) -> List[Object]:
    verbs = "get list watch" if release.number >= (0, 10, 0) else "get list watch update"
    found = [
        _rule("", ["services"], verbs),
        _rule("", ["services/status"], "update"),
        _rule("", ["events"], "create patch"),
    ]
    if release.number >= (0, 9, 0):
        found.append(_rule("policy", ["podsecuritypolicies"], "use", "controller"))
    return found


def _speaker_rules(release: Release) -> List[Object]:
    found = [_rule("", ["services", "endpoints", "nodes"], "get list watch")]
    if release.number >= (0, 10, 0):
        found.append(_rule("discovery.k8s.io", ["endpointslices"], "get list watch"))
    group = "policy" if release.number >= (0, 9, 0) else "extensions"
    found.append(_rule("", ["events"], "create patch"))
    found.append(_rule(group, ["podsecuritypolicies"], "use", "speaker"))
    return found


def _cluster_role(name: str, rules: List[Object]) -> Object:
    name = "%s:%s" % (NAMESPACE, name)
    return _object(_RBAC, "ClusterRole", name, namespaced=False, rules=rules)


def _role(name: str, rules: List[Object]) -> Object:
    return _object(_RBAC, "Role", name, rules=rules)


def _bindings(release: Release) -> List[Object]:
    found = [_cluster_binding(name) for name in ("controller", "speaker")]
    found.append(_binding("config-watcher", "controller", "speaker"))
    if release.number >= (0, 9, 0):
        found.append(_binding("pod-lister", "speaker"))
    if release.number >= (0, 10, 0):
        found.append(_binding("controller", "controller"))
    return found


def _cluster_binding(account: str) -> Object:
    name = "%s:%s" % (NAMESPACE, account)
    subject = {"kind": "ServiceAccount", "name": account, "namespace": NAMESPACE}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name}
    return _object(
        _RBAC, "ClusterRoleBinding", name, namespaced=False, roleRef=role, subjects=[subject]
    )


def _binding(name: str, *accounts: str) -> Object:
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}
    subjects = [{"kind": "ServiceAccount", "name": account} for account in accounts]
    return _object(_RBAC, "RoleBinding", name, roleRef=role, subjects=subjects)


def _workload(kind: str, component: str, pod: Object, **spec: Any) -> Object:
    labels = {"app": "metallb", "component": component}
    annotations = {"prometheus.io/port": "7472", "prometheus.io/scrape": "true"}
    template = {"metadata": {"annotations": annotations, "labels": labels}, "spec": pod}
    full = dict({"selector": {"matchLabels": labels}, "template": template}, **spec)
    found = _object("apps/v1", kind, component, spec=full)
    found["metadata"]["labels"]["component"] = component
    return found


def _pod(release: Release, component: str, settings: Settings, container: Object) -> Object:
    number = release.number
    system = "kubernetes.io/os" if number >= (0, 9, 6) else "beta.kubernetes.io/os"
    found = {
        "containers": [dict(_container(release, component, settings), **container)],
        "nodeSelector": dict(settings.selector, **{system: "linux"}),
        "serviceAccountName": component,
        "terminationGracePeriodSeconds": 0,
    }
    tolerations = [dict(toleration) for toleration in settings.tolerations]
    return dict(found, tolerations=tolerations) if tolerations else found


def _container(release: Release, component: str, settings: Settings) -> Object:
    number = release.number
    args = ["--port=7472", "--config=config"]
    found: Dict[str, Any] = {
        "args": args,
        "image": image(release, component, settings.registry),
        "name": component,
        "ports": [{"containerPort": 7472, "name": "monitoring"}],
    }
    if number >= (0, 11, 0):
        args.append("--log-level=%s" % settings.log_level)
    if number < (0, 10, 0):
        found["imagePullPolicy"] = "Always" if number >= (0, 9, 0) else "IfNotPresent"
        found["resources"] = {"limits": {"cpu": "100m", "memory": "100Mi"}}
    if number >= (0, 12, 0):
        found.update(livenessProbe=dict(_PROBE), readinessProbe=dict(_PROBE))
    return found


def _controller(release: Release, settings: Settings) -> Object:
    container: Dict[str, Any] = {
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


def _speaker(release: Release, settings: Settings) -> Object:
    later = release.number >= (0, 10, 0)
    container: Dict[str, Any] = {
        "env": _speaker_env(release),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"add": _capabilities(release), "drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
    }
    pod = _pod(release, "speaker", settings, container)
    if later:
        pod["containers"][0]["ports"] += [
            {"containerPort": 7946, "name": "memberlist-tcp"},
            {"containerPort": 7946, "name": "memberlist-udp", "protocol": "UDP"},
        ]
    toleration = {"effect": "NoSchedule", "key": "node-role.kubernetes.io/master"}
    if later:
        toleration["operator"] = "Exists"
    pod.update(hostNetwork=True, tolerations=[toleration, *pod.get("tolerations", [])])
    if release.number >= (0, 9, 0):
        pod["terminationGracePeriodSeconds"] = 2
    return _workload("DaemonSet", "speaker", pod)


def _speaker_env(release: Release) -> List[Object]:
    found = [
        _from_field("METALLB_NODE_NAME", "spec.nodeName"),
        _from_field("METALLB_HOST", "status.hostIP"),
    ]
    if release.number < (0, 9, 0):
        return found
    found.append(_from_field("METALLB_ML_BIND_ADDR", "status.podIP"))
    found.append({"name": "METALLB_ML_LABELS", "value": "app=metallb,component=speaker"})
    if release.number < (0, 10, 0):
        found.append(_from_field("METALLB_ML_NAMESPACE", "metadata.namespace"))
    key = {"secretKeyRef": {"name": "memberlist", "key": "secretkey"}}
    return [*found, {"name": "METALLB_ML_SECRET_KEY", "valueFrom": key}]


def _from_field(name: str, path: str) -> Object:
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}


def needs_memberlist(release: Release) -> bool:
    """Tell whether the secret must be made by hand: 0.9 alone; later the controller makes it."""
    return (0, 9, 2) <= release.number < (0, 10, 0)
