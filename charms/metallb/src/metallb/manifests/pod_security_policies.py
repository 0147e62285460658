"""The pod security policies of MetalLB, for servers up to 1.24."""

from typing import List

from labcharm.json_types import JsonObject
from metallb.manifests.fields import new_object
from metallb.releases import Release

_ANY_ID = {"rule": "RunAsAny"}
_NON_ROOT_IDS = {"ranges": [{"max": 65535, "min": 1}], "rule": "MustRunAs"}


def pod_security_policies(release: Release) -> List[JsonObject]:
    """Return the policies of a release; from 0.9 on the controller has one as well."""
    specs = {"speaker": _speaker_spec(release)}
    if release.number >= (0, 9, 0):
        specs["controller"] = _controller_spec()
    return [
        new_object(
            "policy/v1beta1", "PodSecurityPolicy", name, is_namespaced=False, spec=specs[name]
        )
        for name in sorted(specs)
    ]


def _controller_spec() -> JsonObject:
    return {
        "allowPrivilegeEscalation": False, "allowedCapabilities": [], "allowedHostPaths": [],
        "defaultAddCapabilities": [], "defaultAllowPrivilegeEscalation": False,
        "fsGroup": _NON_ROOT_IDS, "hostIPC": False, "hostNetwork": False, "hostPID": False,
        "privileged": False, "readOnlyRootFilesystem": True, "requiredDropCapabilities": ["ALL"],
        "runAsUser": _NON_ROOT_IDS, "seLinux": _ANY_ID, "supplementalGroups": _NON_ROOT_IDS,
        "volumes": ["configMap", "secret", "emptyDir"],
    }  # fmt: skip


def _speaker_spec(release: Release) -> JsonObject:
    ports = [{"max": 7472, "min": 7472}]
    if release.number >= (0, 10, 0):
        ports.append({"max": 7946, "min": 7946})
    spec = {
        "allowPrivilegeEscalation": False, "allowedCapabilities": speaker_capabilities(release),
        "fsGroup": _ANY_ID, "hostNetwork": True, "hostPorts": ports, "privileged": True,
        "runAsUser": _ANY_ID, "seLinux": _ANY_ID, "supplementalGroups": _ANY_ID, "volumes": ["*"],
    }  # fmt: skip
    if release.number >= (0, 9, 0):
        spec.update(
            allowedHostPaths=[], defaultAddCapabilities=[], defaultAllowPrivilegeEscalation=False,
            hostIPC=False, hostPID=False, readOnlyRootFilesystem=True,
            requiredDropCapabilities=["ALL"], volumes=["configMap", "secret", "emptyDir"],
        )  # fmt: skip
    return spec


def speaker_capabilities(release: Release) -> List[str]:
    """Return the Linux capabilities that a release's speaker needs."""
    return ["NET_RAW"] if release.number >= (0, 10, 0) else ["NET_ADMIN", "NET_RAW", "SYS_ADMIN"]
