"""The grammar of an image's name, its parts, and its name in a lab's registry.

The charm kubeflow-installer has the same rules, in its own package; the tests compare the two.
"""

from __future__ import annotations

from ..site.text_format import TextFormat

_DOCKER_HUB = "docker.io"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
# A first part without a dot and a port is a part of the path at Docker Hub.
_HOST = rf"(localhost|(?=[^/]*[.:]){_LABEL}(\.{_LABEL})*)(:[0-9]{{1,5}})?"
# The longest name, tag and digest together.
_LONGEST = 255 + 129 + 72


def _grammar(character: str) -> str:
    """Return the grammar of references (distribution/reference, reference.go).

    Args:
        character: The grammar of the letters and digits of a path.
    """
    part = rf"{character}+(([._]|__|-+){character}+)*"
    tag = rf"({character}|[A-Z_])({character}|[A-Z_.-]){{0,127}}"
    digest = r"sha256:[0-9a-f]{64}"
    return rf"^(?=.{{1,{_LONGEST}}}$)({_HOST}/)?{part}(/{part})*(:{tag})?(@{digest})?$"


_EXAMPLE = "quay.io/calico/node:v3.29.3"
IMAGE_NAME = TextFormat(
    _grammar("[a-z0-9]"),
    "the name of an image",
    f"write HOST/PATH:TAG without https://, such as {_EXAMPLE}",
)
# The name of an image of a profile, which may depend on the architecture of a machine.
IMAGE_NAME_OF_PROFILE = TextFormat(
    _grammar(r"([a-z0-9]|\{arch\})"), IMAGE_NAME.description, IMAGE_NAME.advice
)


def in_registry(image: str, registry: str) -> str:
    """Return an image's name in a registry: under its own path, as Docker Hub writes it.

    Args:
        image: The name as upstream writes it, or one that is in the registry already.
        registry: HOST:PORT/PATH; empty changes nothing.
    """
    home = registry.rstrip("/")
    if not home or image.startswith(f"{home}/"):
        return image
    return f"{home}/{_path(image)}"


def full_name(image: str) -> str:
    """Return an image's name with its registry, which is Docker Hub where the name has none."""
    host, _ = _split(image)
    return image if host else f"{_DOCKER_HUB}/{_path(image)}"


def has_registry(image: str) -> bool:
    """Return whether an image's name begins with a registry."""
    return bool(_split(image)[0])


def digest_of(image: str) -> str:
    """Return the digest in an image's name, such as ``sha256:0123``; empty if it has none."""
    return image.partition("@")[2]


def _path(image: str) -> str:
    host, path = _split(image)
    is_official = host in ("", _DOCKER_HUB, f"index.{_DOCKER_HUB}") and "/" not in path
    return f"library/{path}" if is_official else path


def _split(image: str) -> tuple[str, str]:
    """Return an image's registry, empty where none is named, and its path."""
    first, slash, rest = image.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return first, rest
    return "", image
