"""The parts of an image's name, and its name in a lab's registry.

The charm kubeflow-installer has the same rules, in its own package; the tests compare the two.
"""

from __future__ import annotations

_DOCKER_HUB = "docker.io"


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
