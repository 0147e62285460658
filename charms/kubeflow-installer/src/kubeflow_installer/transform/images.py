"""Where images are named in Kubeflow's objects, and their names in a site.

Covered: every key `image` of pods, pod templates and custom resources; variables and arguments
whose name ends in "image", or whose value begins with a public registry; every ConfigMap's
values, be they an image, JSON, YAML, a template or a program: keys that end in "image", Istio's
`hub`, and names that begin with a public registry; the notebooks' form. And images that a program
has built in, where an option of the program can name another (`transform.built_in_images`).

Not covered: the images that users name in their own pipelines, notebooks and jobs.
"""

import re
from typing import Any, Callable, Dict, Iterable, List, Match, NamedTuple

from kubeflow_installer.transform import built_in_images, notebooks
from kubeflow_installer.transform.image_names import untagged
from kubeflow_installer.transform.site_images import SiteImages
from labcharm.json_types import JsonObject

_HOST = (
    r"(?:[a-z0-9-]+\.)*(?:gcr\.io|ghcr\.io|quay\.io|docker\.io|nvcr\.io|registry\.k8s\.io"
    r"|public\.ecr\.aws|pkg\.dev|mcr\.microsoft\.com|azurecr\.io|amazonaws\.com)"
)
_PATH = r"[a-z0-9]+(?:[._/-]+[a-z0-9]+)*"
_TAG = r"(?::\w(?:[\w.-]*\w)?)?(?:@sha256:[0-9a-f]{64})?"
# A name by itself, with or without a registry's host. A bare word is an image only under a key
# that says so.
_NAME = r"[a-z0-9][a-z0-9._-]*(?::\d+(?=/))?(?:/" + _PATH + ")?" + _TAG
_ALONE = re.compile(r"(?=[^\s]*[/:])" + _NAME + r"\Z")
_IN_TEXT = re.compile(
    # The registry and path of all images of Istio, and those of kfserving.
    r"(?P<prefix_key>\b(?:hub|registry)[\"']?[ \t]*[:=][ \t]*[\"']?)(?P<prefix>"
    + _HOST
    + "/"
    + _PATH
    + ")"
    # A key that ends in "image", in JSON, YAML or a list of variables.
    r"|(?P<key>\b[\w.-]*(?:image|Image|IMAGE)[\"']?[ \t]*[:=][ \t]*[\"']?)"
    r"(?P<image>(?=[^\s\"',}]*[/:])" + _NAME + r")(?=[\"'\s,}]|\Z)"
    r"|(?<![\w./@-])(?P<public_image>" + _HOST + "/" + _PATH + _TAG + ")"
)
_IMAGE_KEY = re.compile(r"image(_and_version)?\Z", re.IGNORECASE)  # the latter is seldon's
_FLAG = re.compile(r"(--?[\w-]*image)(=?)(.*)\Z", re.DOTALL)
# These name no images, but their descriptions look like some.
_KINDS_WITHOUT_IMAGES = (
    "CustomResourceDefinition", "Secret", "ClusterRole", "Role", "Namespace",
)  # fmt: skip
# Istio's word for the image that its webhook fills in.
_FILLED_IN = "auto"


class _Renaming(NamedTuple):
    """How images are renamed, and the prefixes that programs put before images' names."""

    image: Callable[[str], str]
    prefix: Callable[[str], str]


def use_site_images(manifest: JsonObject, site: SiteImages) -> None:
    """Rename all images in an object to those that a site pulls, in place."""
    built_in_images.name_explicitly(manifest, site.name_of)
    if site.may_rename(manifest):
        _rename_all(manifest, _Renaming(site.name_of, site.prefix_of))


def images_of(manifests: Iterable[JsonObject]) -> List[str]:
    """Return every image that objects name or have built in, sorted, each once.

    If a name is returned both with and without a tag, the one without a tag comes from a program
    that adds the tag itself.

    Args:
        manifests: The objects; they stay as they are.
    """
    images: Dict[str, None] = {}

    def collect(image: str) -> str:
        images[image] = None
        return image

    for manifest in manifests:
        _rename_all(manifest, _Renaming(collect, str))
        for image in built_in_images.images_of(manifest):
            collect(image)
    with_tag = {untagged(image) for image in images if untagged(image) != image}
    return sorted(image for image in images if image not in with_tag)


def _rename_all(manifest: JsonObject, renaming: _Renaming) -> None:
    if manifest["kind"] == "ConfigMap":
        settings = manifest.get("data") or {}
        for key, setting in settings.items():
            if isinstance(setting, str):
                settings[key] = _rename_in_setting(key, setting, renaming)
            if key == notebooks.KEY:
                settings[key] = notebooks.adapt_form(
                    str(settings[key]), notebooks.NONE, (), renaming.image
                )
    elif manifest["kind"] not in _KINDS_WITHOUT_IMAGES:
        _rename_in_tree(manifest, renaming)


def _rename_in_tree(node: Any, renaming: _Renaming) -> None:
    if isinstance(node, list):
        for child in node:
            _rename_in_tree(child, renaming)
    elif isinstance(node, dict):
        image = node.get("image")
        if isinstance(image, str) and _is_name(image):
            node["image"] = renaming.image(image)
        for key, child in node.items():
            if key == "env" and isinstance(child, list):
                _rename_in_variables(child, renaming)
            elif key in ("args", "command") and isinstance(child, list):
                node[key] = _rename_in_command(child, renaming)
            else:
                _rename_in_tree(child, renaming)


def _is_name(image: str) -> bool:
    return bool(image) and image != _FILLED_IN and "$(" not in image and "{{" not in image


def _rename_in_variables(variables: List[Any], renaming: _Renaming) -> None:
    for variable in variables:
        value = variable.get("value") if isinstance(variable, dict) else None
        if isinstance(value, str):
            variable["value"] = _rename_in_setting(str(variable.get("name")), value, renaming)


def _rename_in_command(words: List[Any], renaming: _Renaming) -> List[Any]:
    """Rename the images in a command line: --x-image=IMAGE, --x-image IMAGE, or anywhere."""
    renamed: List[Any] = []
    previous = ""
    for word in words:
        if isinstance(word, str):
            renamed.append(_rename_in_word(word, previous, renaming))
            previous = word
        else:
            renamed.append(word)
    return renamed


def _rename_in_word(word: str, previous: str, renaming: _Renaming) -> str:
    flag = _FLAG.match(word)
    if flag and flag.group(2):
        return f"{flag.group(1)}={_rename_in_setting('image', flag.group(3), renaming)}"
    before = _FLAG.match(previous)
    is_argument = before and not before.group(2) and not before.group(3)
    return _rename_in_setting("image" if is_argument else "", word, renaming)


def _rename_in_setting(key: str, setting: str, renaming: _Renaming) -> str:
    if _IMAGE_KEY.search(key) and _ALONE.match(setting):
        return renaming.image(setting)
    if key in ("hub", "registry") and re.match(_HOST + "/", setting):
        return renaming.prefix(setting)
    return rename_in_text(setting, renaming.image, renaming.prefix)


def rename_in_text(
    text: str, rename_image: Callable[[str], str], rename_prefix: Callable[[str], str]
) -> str:
    """Rename the images in a text: JSON, YAML, a template or a program."""

    def replacement(match: Match[str]) -> str:
        if match.group("prefix"):
            return match.group("prefix_key") + rename_prefix(match.group("prefix"))
        if match.group("image"):
            return match.group("key") + rename_image(match.group("image"))
        return rename_image(match.group("public_image"))

    return _IN_TEXT.sub(replacement, text)
