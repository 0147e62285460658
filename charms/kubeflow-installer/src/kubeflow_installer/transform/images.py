"""Where images are named in Kubeflow's objects, and their names in a site's registry.

Covered: every key `image` of pods, pod templates and custom resources; variables and arguments
whose name ends in "image", or whose value begins with a public registry; every ConfigMap's
values, be they an image, JSON, YAML, a template or a program: keys that end in "image", Istio's
`hub`, and names that begin with a public registry; the notebooks' form. And images that a program
has built in, where it can be told otherwise (`_PIPELINES`, `_TRAINING`).

Not covered: what users name in their own pipelines, notebooks and jobs.
"""

import re
from typing import Any, Callable, Dict, Iterable, List, Match, Tuple

from kubeflow_installer.transform import notebooks

Object = Dict[str, Any]
Change = Callable[[str], str]

_HOST = (
    r"(?:[a-z0-9-]+\.)*(?:gcr\.io|ghcr\.io|quay\.io|docker\.io|nvcr\.io|registry\.k8s\.io"
    r"|public\.ecr\.aws|pkg\.dev|mcr\.microsoft\.com|azurecr\.io|amazonaws\.com)"
)
_PATH = r"[a-z0-9]+(?:[._/-]+[a-z0-9]+)*"
_TAG = r"(?::\w(?:[\w.-]*\w)?)?(?:@sha256:[0-9a-f]{64})?"
# A name by itself, with or without a registry's host; bare words are left to whoever knows better.
_NAME = r"[a-z0-9][a-z0-9._-]*(?::\d+(?=/))?(?:/" + _PATH + ")?" + _TAG
_ALONE = re.compile(r"(?=[^\s]*[/:])" + _NAME + r"\Z")
_IN_TEXT = re.compile(
    # Istio's place of all its images, and kfserving's.
    r"(?P<place>\b(?:hub|registry)[\"']?[ \t]*[:=][ \t]*[\"']?)(?P<home>"
    + _HOST
    + "/"
    + _PATH
    + ")"
    # A key that ends in "image", in JSON, YAML or a list of variables.
    r"|(?P<key>\b[\w.-]*(?:image|Image|IMAGE)[\"']?[ \t]*[:=][ \t]*[\"']?)"
    r"(?P<value>(?=[^\s\"',}]*[/:])" + _NAME + r")(?=[\"'\s,}]|\Z)"
    r"|(?<![\w./@-])(?P<named>" + _HOST + "/" + _PATH + _TAG + ")"
)
_IMAGE_KEY = re.compile(r"image(_and_version)?\Z", re.IGNORECASE)  # the latter is seldon's
_FLAG = re.compile(r"(--?[\w-]*image)(=?)(.*)\Z", re.DOTALL)
# Nothing in these is an image, but descriptions look like some.
_WITHOUT = ("CustomResourceDefinition", "Secret", "ClusterRole", "Role", "Namespace")
_HUB = "docker.io"
# Istio's word for the image that its webhook fills in.
_FILLED_IN = "auto"

# What a program starts when its manifest does not say, by Deployment and the image's tag. Sources:
# kubeflow/pipelines, backend/src/v2/compiler/argocompiler/container.go at 2.0.5 and 2.3.0 (from
# 2.5 on the manifests name them; 2.0.0-alpha.7 cannot be told others); kubeflow/training-operator,
# pkg/config/config.go at 5a5f92d (the manifests' v1-5a5f92d), v1.7.0 (v1-855e096) and v1.8.1
# (v1-04f9f13, v1-3f15cb8).
_DRIVER = "gcr.io/ml-pipeline/kfp-driver@sha256:"
_LAUNCHER = "gcr.io/ml-pipeline/kfp-launcher@sha256:"
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
_TRAINING = {
    "v1-5a5f92d": "mpioperator/kubectl-delivery:latest",
    "v1-855e096": "mpioperator/kubectl-delivery:latest",
    "v1-04f9f13": "kubeflow/kubectl-delivery:latest",
    "v1-3f15cb8": "kubeflow/kubectl-delivery:latest",
}
_PYTORCH_INIT = "alpine:3.10"


def placed(image: str, registry: str) -> str:
    """Return an image's name in a registry.

    Its own path is kept, as Docker Hub writes it: `docker.io/istio/pilot:1.1.6` becomes
    REGISTRY/istio/pilot:1.1.6 and `busybox`, which is `docker.io/library/busybox`, becomes
    REGISTRY/library/busybox; so a registry that mirrors by path serves both. Tag and digest stay.

    Args:
        image: The name as upstream writes it, or one that is in the registry already.
        registry: HOST:PORT/PATH; empty changes nothing.
    """
    home = registry.rstrip("/")
    if not home or image.startswith(home + "/"):
        return image
    host, path = _split(image)
    if host in ("", _HUB, "index." + _HUB) and "/" not in path:
        path = "library/" + path
    return "%s/%s" % (home, path)


def place(found: Object, registry: str) -> None:
    """Change all images in an object, where it stands, to those of a registry."""
    home = registry.rstrip("/")
    if home:
        _tell_programs(found)
        _visit(found, lambda image: placed(image, home), lambda prefix: _moved(prefix, home))


def images_of(objects: Iterable[Object]) -> List[str]:
    """Return every image that objects name or have built in, each once, sorted, as they name it.

    A name without a tag that stands beside one with a tag is part of a program that adds it.

    Args:
        objects: They stay as they are.
    """
    found: Dict[str, None] = {}

    def note(image: str) -> str:
        found[image] = None
        return image

    for one in objects:
        _visit(one, note, str)
        for image in _built_in(one):
            note(image)
    tagged = {_untagged(image) for image in found if _untagged(image) != image}
    return sorted(image for image in found if image not in tagged)


def _split(image: str) -> Tuple[str, str]:
    """Return an image's registry, empty where none is named, and its path."""
    first, slash, rest = image.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return first, rest
    return "", image


def _moved(prefix: str, home: str) -> str:
    """Return what stands before images' names, as it is in a registry."""
    return prefix if (prefix + "/").startswith(home + "/") else "%s/%s" % (home, _split(prefix)[1])


def _untagged(image: str) -> str:
    name = image.partition("@")[0]
    path, colon, tag = name.rpartition(":")
    return path if colon and "/" not in tag else name


def _visit(found: Object, change: Change, move: Change) -> None:
    if found["kind"] == "ConfigMap":
        data = found.get("data") or {}
        for key, value in data.items():
            if isinstance(value, str):
                data[key] = _in_setting(key, value, change, move)
            if key == notebooks.KEY:
                data[key] = notebooks.offer(str(data[key]), notebooks.NONE, (), change)
    elif found["kind"] not in _WITHOUT:
        _walk(found, change, move)


def _walk(found: Any, change: Change, move: Change) -> None:
    if isinstance(found, list):
        for one in found:
            _walk(one, change, move)
    elif isinstance(found, dict):
        image = found.get("image")
        if isinstance(image, str) and _is_name(image):
            found["image"] = change(image)
        for key, value in found.items():
            if key == "env" and isinstance(value, list):
                _in_variables(value, change, move)
            elif key in ("args", "command") and isinstance(value, list):
                found[key] = _in_words(value, change, move)
            else:
                _walk(value, change, move)


def _is_name(image: str) -> bool:
    return bool(image) and image != _FILLED_IN and "$(" not in image and "{{" not in image


def _in_variables(variables: List[Any], change: Change, move: Change) -> None:
    for one in variables:
        value = one.get("value") if isinstance(one, dict) else None
        if isinstance(value, str):
            one["value"] = _in_setting(str(one.get("name")), value, change, move)


def _in_words(words: List[Any], change: Change, move: Change) -> List[Any]:
    """Change the images in a command line: --x-image=IMAGE, --x-image IMAGE, or anywhere."""
    result: List[Any] = []
    before = ""
    for word in words:
        if isinstance(word, str):
            flag = _FLAG.match(word)
            if flag and flag.group(2):
                value = _in_setting("image", flag.group(3), change, move)
                result.append(flag.group(1) + "=" + value)
            else:
                takes = _FLAG.match(before)
                key = "image" if takes and not takes.group(2) and not takes.group(3) else ""
                result.append(_in_setting(key, word, change, move))
            before = word
        else:
            result.append(word)
    return result


def _in_setting(key: str, value: str, change: Change, move: Change) -> str:
    if _IMAGE_KEY.search(key) and _ALONE.match(value):
        return change(value)
    if key in ("hub", "registry") and re.match(_HOST + "/", value):
        return move(value)
    return in_text(value, change, move)


def in_text(text: str, change: Change, move: Change) -> str:
    """Change the images that a text names: JSON, YAML, a template or a program."""

    def one(found: Match[str]) -> str:
        if found.group("home"):
            return found.group("place") + move(found.group("home"))
        if found.group("value"):
            return found.group("key") + change(found.group("value"))
        return change(found.group("named"))

    return _IN_TEXT.sub(one, text)


# What programs have built in.


def _tell_programs(found: Object) -> None:
    """Tell a program what it would start by itself, so that it can be changed."""
    container = _program(found)
    variables, flags = _untold(found)
    if variables:
        container.setdefault("env", []).extend(
            {"name": name, "value": image} for name, image in variables
        )
    if flags:
        container.setdefault("args", []).extend(flag + image for flag, image in flags)


def _built_in(found: Object) -> List[str]:
    variables, flags = _untold(found)
    return [image for _, image in variables + flags]


def _untold(found: Object) -> Tuple[List[Tuple[str, str]], List[Tuple[str, str]]]:
    """Return the images that a program has built in: by variables, and by flags that name them."""
    container = _program(found)
    name, tag = found["metadata"].get("name"), _tag(container)
    variables: List[Tuple[str, str]] = []
    flags: List[Tuple[str, str]] = []
    if name == "ml-pipeline" and tag in _PIPELINES:
        driver, launcher = _PIPELINES[tag]
        told = [one.get("name") for one in container.get("env") or []]
        variables = [("V2_DRIVER_IMAGE", _DRIVER + driver)]
        variables.append(("V2_LAUNCHER_IMAGE", _LAUNCHER + launcher))
        variables = [one for one in variables if one[0] not in told]
    elif name == "training-operator" and tag in _TRAINING:
        words = [str(word) for word in container.get("args") or []]
        flags = [("--pytorch-init-container-image=", _PYTORCH_INIT)]
        flags.append(("--mpi-kubectl-delivery-image=", _TRAINING[tag]))
        flags = [one for one in flags if not any(word.startswith(one[0]) for word in words)]
    return variables, flags


def _program(found: Object) -> Object:
    """Return a Deployment's first container; an empty one where it is something else."""
    if found["kind"] != "Deployment":
        return {}
    containers: List[Any] = found["spec"]["template"]["spec"].get("containers") or [{}]
    first = containers[0]
    return first if isinstance(first, dict) else {}


def _tag(container: Object) -> str:
    image = str(container.get("image", ""))
    return image[len(_untagged(image)) + 1 :]
