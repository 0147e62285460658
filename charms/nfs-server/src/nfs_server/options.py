"""The options of the charm, judged in one place."""

import grp
import pwd
import re
from typing import Any, Callable, List, Mapping, NamedTuple, Tuple

from labcharm.validators import OptionsError
from labkube.charm.releases import ReleaseError
from nfs_server.cluster.provisioner import CLASS_NAME, PROVISIONER_NAME, REGISTRY, Class, find
from nfs_server.server.service import VERSIONS, Settings
from nfs_server.shares import Share, overlaps, read_clients, read_path, read_shares
from nfs_server.shares import read_options as read_export_options

ROOT, GUESTS_ROOT = "export-root", "applications-root"
# What may stand in a folder's name, and what stands for the claim. Its namespace holds small
# letters, digits and dashes, its name dots too.
_FOLDER = re.compile(r"^([A-Za-z0-9._-]|\$\{\.PVC\.(name|namespace)\})+$")
_VARIABLE = re.compile(r"(\$\{\.PVC\.(?:name|namespace)\})")
_BOTH = ["${.PVC.namespace}", "${.PVC.name}"]
_EXAMPLE = "${.PVC.namespace}_${.PVC.name}"
_TWICE = (
    "path-pattern: the second claim of a name could not be archived, as archived-NAME is there"
    " from the first, and the third would get its data; set on-delete=delete (or retain, which"
    " gives a claim the data of the last one of its name)"
)
_MOUNT = re.compile(r"^[a-z0-9_]+(=[A-Za-z0-9.:_/-]+)?$")
Options = NamedTuple(
    "Options",
    [
        ("root", Share),
        ("shares", Tuple[Share, ...]),
        ("guests_root", str),
        ("owner", str),
        ("mode", int),
        ("adopt", bool),
        ("settings", Settings),
        ("mount_options", Tuple[str, ...]),
        ("kind", Class),
        ("version", str),
        ("registry", str),
        ("world", bool),
    ],
)


def read_options(config: Mapping[str, Any], load: Callable[[str], Any]) -> Options:
    """Judge the options.

    Args:
        config: The options as Juju has them.
        load: Reads YAML.

    Raises:
        OptionsError: With everything that is wrong.
    """
    problems: List[str] = []

    def text(name: str) -> str:
        return str(config.get(name) or "").strip()

    def read(name: str, reader: Callable[[str], Any], default: Any) -> Any:
        try:
            return reader(text(name))
        except (ValueError, ReleaseError) as error:
            problems.append("%s: %s" % (name, error))
            return default

    world = bool(config.get("allow-world"))
    networks = read("networks", lambda value: read_clients(value, world), ())
    path = read(ROOT, read_path, "")
    root = Share(ROOT, path, networks, read("options", read_export_options, ()), ())
    shares, wrong = read_shares(text("shares"), load, networks, world)
    guests_root = read(GUESTS_ROOT, lambda value: read_path(value) if value else "", "")
    apart = [root._replace(name=GUESTS_ROOT, path=guests_root)] if guests_root else []
    problems += wrong + (overlaps([root, *shares, *apart]) if path else [])
    options = Options(
        root,
        tuple(shares),
        guests_root,
        read("root-owner", _owner, ""),
        read("root-mode", _mode, 0),
        bool(config.get("adopt")),
        Settings(_threads(config.get("threads") or 0, problems), read("nfs-versions", _nfs, ())),
        read("mount-options", _mount_options, ()),
        _class(config, text, read, problems),
        read("provisioner-version", _version, ""),
        read("image-registry", _registry, ""),
        world,
    )
    if problems:
        raise OptionsError(problems)
    return options


def _class(
    config: Mapping[str, Any],
    text: Callable[[str], str],
    read: Callable[[str, Callable[[str], Any], Any], Any],
    problems: List[str],
) -> Class:
    for name, allowed in (("reclaim-policy", ("Delete", "Retain")), ("on-delete", _ON_DELETE)):
        if text(name) not in allowed:
            told = "%s is %r; write %s"
            problems.append(told % (name, text(name), " or ".join(filter(None, allowed))))
    kind = Class(
        read(
            "storage-class", _named(CLASS_NAME, "a name of small letters, digits and dashes"), ""
        ),
        bool(config.get("default-class", True)),
        read("provisioner-name", _named(PROVISIONER_NAME, "DOMAIN/NAME"), ""),
        text("reclaim-policy"),
        bool(config.get("archive-on-delete", True)),
        text("on-delete"),
        read("path-pattern", _pattern, ""),
    )
    if _archives_twice(kind):
        problems.append(_TWICE)
    return kind


_ON_DELETE = ("", "delete", "retain")


def _named(form: Any, said: str) -> Callable[[str], str]:
    def reader(value: str) -> str:
        if not form.match(value):
            raise ValueError("%r is not %s" % (value, said))
        return value

    return reader


def _owner(value: str) -> str:
    user, colon, group = value.partition(":")
    if not colon:
        raise ValueError("%r is not USER:GROUP" % value)
    for name, find_it, what in ((user, pwd.getpwnam, "user"), (group, grp.getgrnam, "group")):
        try:
            find_it(name)
        except KeyError:
            raise ValueError("this machine has no %s %r" % (what, name)) from None
    return value


def _mode(value: str) -> int:
    if not re.match(r"^0?[0-7]{3,4}$", value):
        raise ValueError("%r is no permissions; write four digits, such as 0755" % value)
    return int(value, 8)


def _threads(value: Any, problems: List[str]) -> int:
    if not 0 <= int(value) <= 4096:
        problems.append("threads is %s; write 1 to 4096, or 0 for the machine's own" % value)
    return int(value)


def _nfs(value: str) -> Tuple[str, ...]:
    found = set()
    for word in value.replace(",", " ").split():
        four = [version for version in VERSIONS if version.startswith("4")]
        if word != "4" and word not in VERSIONS:
            raise ValueError("%r is none of 4 %s" % (word, " ".join(VERSIONS)))
        found.update(four if word == "4" else [word])
    return tuple(sorted(found))


def _mount_options(value: str) -> Tuple[str, ...]:
    words = tuple(word for word in re.split(r"[,\s]+", value) if word)
    for word in words:
        if not _MOUNT.match(word):
            raise ValueError("%r is no mount option such as nfsvers=4.1" % word)
    return words


def _pattern(value: str) -> str:
    """Return the option where it gives each claim a folder of its own, and that folder alone.

    v4.0.2 deletes or archives the last part of a volume's path, looked for in the export root
    itself (its provisioner.go, Delete: filepath.Base), so a folder in a folder is never deleted,
    and a name that another claim or a folder around many claims has takes those away. Labels and
    annotations of a claim are its author's, who could name others' folders by them.

    Raises:
        ValueError: When two claims could have one folder, or it lies in another.
    """
    if value and not (_FOLDER.match(value) and sorted(_VARIABLE.findall(value)) == _BOTH):
        told = "%r is no name of one folder; write %s (letters, digits, . _ - and no /, both once)"
        raise ValueError(told % (value, _EXAMPLE))
    between = _VARIABLE.split(value)[2] if value else "_"
    if not re.search("[._A-Z]", between):
        told = "%r gives one folder to two claims (of a and b-c, of a-b and c); write %s"
        raise ValueError(told % (value, _EXAMPLE))
    return value


def _archives_twice(kind: Class) -> bool:
    """Tell whether two claims of one name, one after the other, would be archived by one name."""
    deletes = kind.on_delete or not kind.archive or kind.reclaim == "Retain"
    return bool(kind.pattern) and not deletes


def _version(value: str) -> str:
    if value:
        find(value)
    return value


def _registry(value: str) -> str:
    if value and not REGISTRY.match(value):
        raise ValueError("%r is no registry; write HOST:PORT/PATH without https://" % value)
    return value.rstrip("/")
