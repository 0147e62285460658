"""The formats of names and other texts in the files of a profile."""

from __future__ import annotations

from typing import Annotated

from ..catalogue.image_names import IMAGE_NAME_OF_PROFILE
from ..site.text_format import TextFormat

_FILE = r"[A-Za-z0-9][A-Za-z0-9._+-]"
_TRACK = r"([A-Za-z0-9]|\{release\})([A-Za-z0-9._-]|\{release\})*"
_RISK = r"(stable|candidate|beta|edge)"
_ADVICE_FOR_FILES = "use letters, digits, dots, underscores, + and -, without a directory"

_RELEASE = TextFormat(
    r"^[0-9]{1,4}\.[0-9]{1,4}$", "a Kubernetes release", "write two numbers, such as 1.35"
)
Release = Annotated[str, _RELEASE]
OptionalRelease = Annotated[
    str, _RELEASE.or_empty("write two numbers, such as 1.35, or an empty string")
]
Series = Annotated[
    str,
    TextFormat(
        r"^[a-z]+$", "a series of Ubuntu", "write one word of lower-case letters, such as noble"
    ),
]
Base = Annotated[
    str,
    TextFormat(
        r"^[a-z]+@[0-9]+(\.[0-9]+)*(/[a-z]+)?$", "a base", "write one such as ubuntu@24.04"
    ),
]
PROFILE_NAME = TextFormat(
    r"^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$",
    "a profile name",
    "use at most 63 lower-case letters, digits, dots and hyphens",
)
ProfileName = Annotated[str, PROFILE_NAME]
# The separators of lines are those of Python and of terminals.
_TEXT = TextFormat(
    r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+$",
    "a text in one line",
    "write a text in one line, without control characters",
)
Text = Annotated[str, _TEXT]
OptionalText = Annotated[str, _TEXT.or_empty()]
# Options, endpoints, interfaces and storages of charms.
Name = Annotated[
    str,
    TextFormat(
        r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        "a name in a charm",
        "use letters, digits, dots, underscores and hyphens",
    ),
]
ImageName = Annotated[str, IMAGE_NAME_OF_PROFILE]
# snapd, snap/naming/validate.go.
_SNAP = TextFormat(
    r"^(?=.{2,40}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$",
    "the name of a snap",
    "use 2 to 40 lower-case letters, digits and single hyphens, such as kube-proxy",
)
SnapName = Annotated[str, _SNAP]
OptionalSnapName = Annotated[str, _SNAP.or_empty()]
_SNAP_CHANNEL = TextFormat(
    rf"^(\{{channel\}}|{_TRACK}(/{_RISK}(/{_TRACK})?)?|{_RISK}/{_TRACK})$",
    "the channel of a snap",
    "write TRACK/RISK, such as 1.35/stable or {release}/stable, or {channel}; the risks are"
    " stable, candidate, beta and edge",
)
SnapChannel = Annotated[str, _SNAP_CHANNEL]
OptionalSnapChannel = Annotated[str, _SNAP_CHANNEL.or_empty()]
# Debian Policy Manual 5.6.7.
PackageName = Annotated[
    str,
    TextFormat(
        r"^[a-z0-9][a-z0-9.+-]{1,127}$",
        "the name of a package",
        "use lower-case letters, digits, dots, + and -, such as docker.io",
    ),
]
# The name of a resource is also the name of its file in a kit, unless the charm names another.
ResourceName = Annotated[
    str, TextFormat(rf"^{_FILE}{{0,99}}$", "the name of a resource", _ADVICE_FOR_FILES)
]


def _file_name_of_profile(description: str) -> TextFormat:
    """Return the format of a name that may depend on the architecture of a machine."""
    return TextFormat(
        r"^([A-Za-z0-9]|\{arch\})([A-Za-z0-9._+-]|\{arch\}){0,99}$",
        description,
        f"{_ADVICE_FOR_FILES}; {{arch}} stands for the architecture",
    )


ResourceNameOfProfile = Annotated[str, _file_name_of_profile("the name of a resource")]
OptionalFileName = Annotated[str, _file_name_of_profile("the name of a file").or_empty()]
OptionalUrl = Annotated[
    str,
    TextFormat(
        r"^(https?://[A-Za-z0-9\[][^\s@\u0000-\u001f\u007f-\u009f]*)?$",
        "a web address",
        "write one that begins with https:// or http://, without a user or a password",
    ),
]
