"""The trial of the admission policies: a pod that would mount the export root is refused."""

from labcharm.json_types import JsonObject
from labcharm.verify import Check
from labkube.client.api import ApiError
from nfs_server.cluster.cluster_storage import ClusterStorage, DesiredState
from nfs_server.cluster.policies import ALLOWING_LABEL, policy_names
from nfs_server.cluster.provisioner import PATH_VARIABLE, SERVER_VARIABLE, variables_of
from nfs_server.verify.mount_trial import PREFIX
from nfs_server.verify.params import VerifyParams

_NAME = "export-root"


def policy_check(
    cluster: ClusterStorage, desired: DesiredState, params: VerifyParams, is_enabled: bool
) -> Check:
    """Check that the API server refuses a pod that mounts the export root.

    The pod is sent as a dry run (`dryRun=All`), which passes all admission and creates nothing.

    Args:
        cluster: The cluster.
        desired: Its desired state.
        params: The parameters of the action.
        is_enabled: Whether the option admission-policy is set.

    Raises:
        ApiError: When the server cannot be asked.
    """
    reason = _why_not_protected(cluster, is_enabled)
    if reason:
        return Check(_NAME, True, f"not protected from pods: {reason}; see the threat model")
    api, pod = cluster.api, _pod(desired, params)
    try:
        api.request("POST", api.path_of(pod, with_name=False), pod, query={"dryRun": "All"})
    except ApiError as error:
        return _judge(error, policy_names(desired.storage_class)[0])
    return Check(
        _NAME,
        False,
        f"the API server accepts a pod that mounts the export root; has namespace"
        f" {params.namespace} the label {ALLOWING_LABEL}?",
    )


def _why_not_protected(cluster: ClusterStorage, is_enabled: bool) -> str:
    if not is_enabled:
        return "admission-policy=false"
    if cluster.has_policies():
        return ""
    major, minor = cluster.api.version()
    return f"Kubernetes {major}.{minor} has no admission policies, which need 1.30"


def _pod(desired: DesiredState, params: VerifyParams) -> JsonObject:
    deployment = next(entry for entry in desired.objects if entry["kind"] == "Deployment")
    variables = variables_of(deployment["spec"]["template"]["spec"])
    source = {"server": variables[SERVER_VARIABLE], "path": variables[PATH_VARIABLE]}
    spec = {
        "containers": [{"name": "mount", "image": params.image}],
        "volumes": [{"name": "root", "nfs": source}],
    }
    metadata = {"generateName": PREFIX, "namespace": params.namespace}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def _judge(error: ApiError, policy: str) -> Check:
    """Return the check of a refusal; only that of the policy shows that the policy works."""
    if policy in str(error):
        return Check(_NAME, True, "the API server refuses a pod that mounts the export root")
    return Check(_NAME, False, f"the policy {policy} could not be tried: {error}")
