"""The parts of an image's name, and its name in a site's registry."""

from typing import Tuple

_DOCKER_HUB = "docker.io"


def in_registry(image: str, registry: str) -> str:
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
    host, path = split_registry(image)
    if host in ("", _DOCKER_HUB, "index." + _DOCKER_HUB) and "/" not in path:
        path = f"library/{path}"
    return f"{home}/{path}"


def untagged(image: str) -> str:
    """Return an image's name without tag and digest."""
    name = image.partition("@")[0]
    path, colon, tag = name.rpartition(":")
    return path if colon and "/" not in tag else name


def tag_of(image: str) -> str:
    """Return the tag and digest of an image's name."""
    return image[len(untagged(image)) + 1 :]


def split_registry(image: str) -> Tuple[str, str]:
    """Return an image's registry, empty where none is named, and its path."""
    first, slash, rest = image.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return first, rest
    return "", image
