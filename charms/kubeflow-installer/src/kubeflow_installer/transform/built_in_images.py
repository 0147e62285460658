"""Images that programs have built in, and the variables and flags that name other ones.

Sources: kubeflow/pipelines, backend/src/v2/compiler/argocompiler/container.go at 2.0.5 and 2.3.0
(from 2.5 on the manifests name them; 2.0.0-alpha.7 has no variable for it);
kubeflow/training-operator, pkg/config/config.go at 5a5f92d (the manifests' v1-5a5f92d), v1.7.0
(v1-855e096) and v1.8.1 (v1-04f9f13, v1-3f15cb8).
"""

from typing import Callable, List, NamedTuple, Tuple

from kubeflow_installer.transform.image_names import tag_of
from labcharm.json_types import JsonObject

_DRIVER = "gcr.io/ml-pipeline/kfp-driver@sha256:"
_LAUNCHER = "gcr.io/ml-pipeline/kfp-launcher@sha256:"
# The digests of driver and launcher, by the tag of the image of the Deployment ml-pipeline.
_PIPELINES = {
    "2.0.5": (
        "8e60086b04d92b657898a310ca9757631d58547e76bbbb8bfc376d654bef1707",
        "80cf120abd125db84fa547640fd6386c4b2a26936e0c2b04a7d3634991a850a4",
    ),
    "2.3.0": (
        "dc8b56a2eb071f30409828a8884d621092e68385af11a6c06aa9e9fbcfbb19de",
        "bef55a344574a25c557256d7c66cb19edacfd2008d694e5b6bb5b612d59feae0",
    ),
}
# kubectl-delivery, by the tag of the image of the Deployment training-operator.
_TRAINING = {
    "v1-5a5f92d": "mpioperator/kubectl-delivery:latest",
    "v1-855e096": "mpioperator/kubectl-delivery:latest",
    "v1-04f9f13": "kubeflow/kubectl-delivery:latest",
    "v1-3f15cb8": "kubeflow/kubectl-delivery:latest",
}
_PYTORCH_INIT = "alpine:3.10"


class _BuiltIn(NamedTuple):
    """Images that a program uses when its manifest names none.

    Attributes:
        variables: Pairs of a variable's name and the image.
        flags: Pairs of a flag, such as `--x-image=`, and the image.
    """

    variables: Tuple[Tuple[str, str], ...] = ()
    flags: Tuple[Tuple[str, str], ...] = ()


def name_explicitly(manifest: JsonObject, name_of: Callable[[str], str]) -> None:
    """Name the built-in images in a program's variables and flags, so that they can be renamed.

    Args:
        manifest: The object; it is changed in place.
        name_of: Returns the name under which the site pulls an image. If all names stay the same,
            the object stays as it is.
    """
    container = _first_container(manifest)
    built_in = _built_in(manifest)
    if all(name_of(image) == image for image in images_of(manifest)):
        return
    if built_in.variables:
        container.setdefault("env", []).extend(
            {"name": name, "value": image} for name, image in built_in.variables
        )
    if built_in.flags:
        container.setdefault("args", []).extend(flag + image for flag, image in built_in.flags)


def images_of(manifest: JsonObject) -> List[str]:
    """Return the images that a program has built in and its manifest does not name."""
    built_in = _built_in(manifest)
    return [image for _, image in built_in.variables + built_in.flags]


def _built_in(manifest: JsonObject) -> _BuiltIn:
    container = _first_container(manifest)
    name, tag = manifest["metadata"].get("name"), tag_of(str(container.get("image", "")))
    if name == "ml-pipeline" and tag in _PIPELINES:
        return _of_pipelines(container, tag)
    if name == "training-operator" and tag in _TRAINING:
        return _of_training(container, tag)
    return _BuiltIn()


def _of_pipelines(container: JsonObject, tag: str) -> _BuiltIn:
    driver, launcher = _PIPELINES[tag]
    variables = (
        ("V2_DRIVER_IMAGE", _DRIVER + driver), ("V2_LAUNCHER_IMAGE", _LAUNCHER + launcher),
    )  # fmt: skip
    named = [variable.get("name") for variable in container.get("env") or []]
    return _BuiltIn(variables=tuple(pair for pair in variables if pair[0] not in named))


def _of_training(container: JsonObject, tag: str) -> _BuiltIn:
    flags = (
        ("--pytorch-init-container-image=", _PYTORCH_INIT),
        ("--mpi-kubectl-delivery-image=", _TRAINING[tag]),
    )
    words = [str(word) for word in container.get("args") or []]
    return _BuiltIn(
        flags=tuple(pair for pair in flags if not any(word.startswith(pair[0]) for word in words))
    )


def _first_container(manifest: JsonObject) -> JsonObject:
    """Return a Deployment's first container; an empty one for any other object."""
    if manifest["kind"] != "Deployment":
        return {}
    containers: List[object] = manifest["spec"]["template"]["spec"].get("containers") or [{}]
    first = containers[0]
    return first if isinstance(first, dict) else {}
