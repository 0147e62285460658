"""The script of a kit that loads its images into the lab's registry with skopeo."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import NamedTuple

# The commands that fetch images write archives of this format.
ADDED_TRANSPORT = "oci-archive"
_HEAD = """\
#!/bin/sh
# Load the container images of this kit into the registry of the lab, with skopeo. If the registry
# asks for a password, run `skopeo login REGISTRY` before. For a registry without TLS, run
# `TLS_VERIFY=false ./load-images.sh`. skopeo unpacks each image into /var/tmp, or into TMPDIR.
set -eu
unset CDPATH
cd -- "$(dirname -- "$0")"
if ! command -v skopeo >/dev/null; then
    printf 'skopeo is not installed; install the package skopeo, and run the script again\\n' >&2
    exit 1
fi

status=0

# load ARCHIVE IMAGE [OPTION]: copy an archive to the registry, in all its architectures.
load() {
    if [ ! -e "${1#*:}" ]; then
        printf '%s: is missing; INSTALL.md has the command that fetches it\\n' "${1#*:}" >&2
        status=1
        return
    fi
    printf '%s\\n' "$2"
    if ! skopeo copy --quiet --all ${3:+"$3"} --dest-tls-verify="${TLS_VERIFY:-true}" \\
        "$1" "docker://$2"; then
        printf '%s: was not loaded; fix what skopeo reports, and run the script again\\n' "$2" >&2
        status=1
    fi
}

"""
_TAIL = '\nexit "$status"'


class LoadedImage(NamedTuple):
    """An image of a kit.

    Attributes:
        path: Its file.
        transport: skopeo's name for the format of the file.
        target: Its name in the lab's registry.
        keeps_digest: Whether it must keep its digest, by which pods name it.
    """

    path: str
    transport: str
    target: str
    keeps_digest: bool


def image_script(images: Iterable[LoadedImage]) -> str:
    """Return the text of the script for ``/bin/sh``."""
    lines = [_line(image) for image in images]
    return _HEAD + "".join(f"{line}\n" for line in (*lines, _TAIL))


def _line(image: LoadedImage) -> str:
    words = [f"{image.transport}:{image.path}", image.target]
    words += ["--preserve-digests"] if image.keeps_digest else []
    return " ".join(("load", *map(shlex.quote, words)))
