"""Comparisons of absolute paths, as text: nothing is looked up on the machine."""


def is_within(path: str, root: str) -> bool:
    """Return whether a path is a directory itself or lies below it.

    Args:
        path: An absolute, normalized path.
        root: The directory, as an absolute, normalized path.
    """
    return (path + "/").startswith(root.rstrip("/") + "/")
