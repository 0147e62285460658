"""The objects of the releases up to 0.12, as each release's own manifest has them.

They are data and not text templates, so that a registry or a label of a site cannot change
anything beyond its own field. The tests compare them field by field with upstream's manifests.
"""

from typing import List

from labcharm.json_types import JsonObject
from metallb.manifests.fields import new_object
from metallb.manifests.namespace import NAMESPACE, POD_SECURITY_LABELS
from metallb.manifests.pod_security_policies import pod_security_policies
from metallb.manifests.rbac import bindings, roles, service_accounts
from metallb.manifests.settings import Settings
from metallb.manifests.workloads import controller, speaker
from metallb.releases import Release


def built_in_objects(
    release: Release, settings: Settings, enforces_pod_security: bool
) -> List[JsonObject]:
    """Return a release's objects without its configuration and its memberlist Secret.

    Args:
        release: A release that is configured by a ConfigMap.
        settings: The site's settings of the pods.
        enforces_pod_security: Whether the server enforces pod security labels (1.23 and later).
    """
    namespace = new_object("v1", "Namespace", NAMESPACE, is_namespaced=False)
    if enforces_pod_security:
        namespace["metadata"]["labels"].update(POD_SECURITY_LABELS)
    return [
        namespace,
        *pod_security_policies(release),
        *service_accounts(),
        *roles(release),
        *bindings(release),
        speaker(release, settings),
        controller(release, settings),
    ]
