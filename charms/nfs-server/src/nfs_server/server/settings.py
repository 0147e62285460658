"""The settings of the NFS server, in the files of each nfs-utils, and as the kernel reports them.

nfs-utils 2.6 and later (Debian 12, Ubuntu 22.04) read /etc/nfs.conf.d. nfs-utils 1.3.4 (up to
Ubuntu 20.04) reads variables that nfs-config.service passes to rpc.nfsd.
"""

import re
from typing import Dict, List, NamedTuple, Set, Tuple

from labcharm.errors import BlockedError

VERSIONS = ("3", "4.0", "4.1", "4.2")
# Comments out a line of the machine's own while a line of this charm is in its place.
MARK = "#nfs-server-charm# "


class Settings(NamedTuple):
    """The settings of the NFS server.

    Attributes:
        threads: The number of threads; 0 keeps the machine's own.
        versions: The versions of NFS that are served; empty keeps the machine's own.
    """

    threads: int
    versions: Tuple[str, ...]


def render_conf(settings: Settings) -> str:
    """Return the text of nfs.conf(5); empty when the machine's own settings are kept."""
    lines: List[str] = []
    if settings.threads:
        lines.append(f"threads={settings.threads}")
    if settings.versions:
        lines.append(f"vers4={_yes_or_no(_has_version_4(settings.versions))}")
        lines += [
            f"vers{version}={_yes_or_no(version in settings.versions)}" for version in VERSIONS
        ]
    return "[nfsd]\n" + "\n".join(lines) + "\n" if lines else ""


def _yes_or_no(is_on: bool) -> str:
    return "y" if is_on else "n"


def render_defaults(text: str, settings: Settings) -> str:
    """Return /etc/default/nfs-kernel-server with the settings; replaced lines are commented out.

    Args:
        text: The file's text, with or without earlier settings of this charm.
        settings: The settings.
    """
    variables: Dict[str, str] = {}
    if settings.threads:
        variables["RPCNFSDCOUNT"] = str(settings.threads)
    if settings.versions:
        options = " ".join(f"-N {version}" for version in _disabled_versions(settings.versions))
        variables["RPCNFSDOPTS"] = f'"{options}"'
    lines = []
    for line in restore_defaults(text).splitlines():
        name = line.partition("=")[0].strip()
        lines.append(MARK + line if name in variables else line)
    lines += [f"{name}={setting} {MARK.strip()}" for name, setting in variables.items()]
    return "".join(f"{line}\n" for line in lines)


def restore_defaults(text: str) -> str:
    """Return the text of that file as it was without this charm."""
    lines = [line for line in text.splitlines() if not line.endswith(MARK.strip())]
    return "".join(line.replace(MARK, "", 1) + "\n" for line in lines)


def check_old_versions(settings: Settings) -> None:
    """Check that rpc.nfsd of nfs-utils 1.3.4 can serve exactly these versions.

    It turns `-N 4.0` into "-4.32". The kernel refuses that together with everything that follows
    it (fixed by nfs-utils commit 995806ff).

    Raises:
        BlockedError: When 4.0 would be off while other versions of 4 are on.
    """
    if _has_version_4(settings.versions) and "4.0" not in settings.versions:
        raise BlockedError(
            f"nfs-versions is {' '.join(settings.versions)}, but nfs-utils 1.3.4 of this machine"
            " cannot leave 4.0 out; add 4.0, or write 3"
        )


def _disabled_versions(versions: Tuple[str, ...]) -> List[str]:
    disabled = [version for version in VERSIONS if version not in versions]
    if _has_version_4(versions):
        return disabled
    return [version for version in disabled if not version.startswith("4")] + ["4"]


def _has_version_4(versions: Tuple[str, ...]) -> bool:
    return any(version.startswith("4") for version in versions)


def parse_versions(text: str) -> Tuple[Set[str], Set[str]]:
    """Read /proc/fs/nfsd/versions.

    The kernel never prints +4.0: it serves 4.0 together with +4, unless it prints -4.0
    (fs/nfsd/nfsctl.c).

    Returns:
        The versions that this kernel can serve, and those that it serves.
    """
    words = text.split()
    if "+4" in words and "-4.0" not in words:
        words.append("+4.0")
    elif "-4" in words:
        words.append("-4.0")
    available = {word[1:] for word in words} & set(VERSIONS)
    return available, {word[1:] for word in words if word[0] == "+"} & available


def parse_variables(text: str) -> Dict[str, str]:
    """Return the variables of either file, without comments."""
    pairs = re.findall(r"^\s*([A-Za-z0-9_.]+)\s*=\s*([^#\n]*)", text, re.MULTILINE)
    return {name: setting.strip() for name, setting in pairs}


def changed_part(before: str, after: str) -> str:
    """Return which settings differ between two versions of a file: `versions`, `threads` or none.

    `versions` stands for everything that needs a restart of the server.
    """
    old, new = parse_variables(before), parse_variables(after)
    names = {name for name in {*old, *new} if old.get(name) != new.get(name)}
    if names - {"threads", "RPCNFSDCOUNT"}:
        return "versions"
    return "threads" if names else ""
