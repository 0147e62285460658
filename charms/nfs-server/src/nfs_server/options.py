"""The charm's options, validated in one place."""

import grp
import pwd
import re
from typing import Callable, List, NamedTuple, Optional, Pattern, Tuple, TypeVar

from labcharm.json_types import JsonMapping, JsonValue
from labcharm.validators import OptionsError, read_registry
from labkube.charm.releases import ReleaseError
from nfs_server.cluster.releases import find_release
from nfs_server.cluster.storage_class import StorageClass
from nfs_server.external.export import ExternalExport, read_external_export
from nfs_server.server.export_options import read_export_options
from nfs_server.server.paths import read_path
from nfs_server.server.settings import VERSIONS, Settings
from nfs_server.server.shares import Share, overlaps, read_clients, read_shares

EXPORT_ROOT, APPLICATIONS_ROOT = "export-root", "applications-root"
EXTERNAL_EXPORT = "external-export"
# The options of this machine's server that have no value by default.
_OWN_SERVER_OPTIONS = (
    "networks", "shares", "options", APPLICATIONS_ROOT, "nfs-versions", "threads",
)  # fmt: skip
_CLASS_NAME = re.compile(r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")
_PROVISIONER_NAME = re.compile(
    r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?/[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$"
)
_MOUNT_OPTION = re.compile(r"^[a-z0-9_]+(=[A-Za-z0-9.:_/-]+)?$")
_LAST_PORT = 65535
_ON_DELETE = ("", "delete", "retain")
_RECLAIM_POLICIES = ("Delete", "Retain")
# A directory name with variables. A claim's namespace has lower-case letters, digits and dashes;
# its name may have dots too.
_PATTERN = re.compile(r"^([A-Za-z0-9._-]|\$\{\.PVC\.(name|namespace)\})+$")
_VARIABLE = re.compile(r"(\$\{\.PVC\.(?:name|namespace)\})")
_BOTH_VARIABLES = ["${.PVC.namespace}", "${.PVC.name}"]
_PATTERN_EXAMPLE = "${.PVC.namespace}_${.PVC.name}"
# The directory of a second claim of the same name cannot be archived, because archived-NAME of the
# first one exists. A third claim would get the second one's data. With on-delete=retain a claim
# gets the data of the previous claim of its name, as intended.
_ARCHIVED_TWICE = (
    "path-pattern: a second claim of the same name could not be archived; set on-delete to delete"
    " or retain"
)
T = TypeVar("T")


class Options(NamedTuple):
    """The validated options.

    Attributes:
        external: The export of another server, in which the provisioner makes directories; None
            where this machine is the server. The options of this machine's exports have no effect
            with it.
        export_root: The share that the provisioner makes a directory per claim in.
        shares: The shares of the option `shares`.
        applications_root: Where new directories of related applications are made; empty for the
            export root.
        owner: USER:GROUP of directories that the charm makes.
        mode: The permissions of these directories.
        adopt: Whether files and exports of others are taken over.
        settings: The settings of the NFS server.
        mount_options: The options that clients mount with.
        storage_class: The StorageClass.
        provisioner_version: The provisioner's release; empty for the one that fits the cluster.
        image_registry: The registry of the provisioner's image; empty for the release's own.
        allow_world: Whether everybody may be a client.
        admission_policy: Whether admission policies protect the export root.
    """

    external: Optional[ExternalExport]
    export_root: Share
    shares: Tuple[Share, ...]
    applications_root: str
    owner: str
    mode: int
    adopt: bool
    settings: Settings
    mount_options: Tuple[str, ...]
    storage_class: StorageClass
    provisioner_version: str
    image_registry: str
    allow_world: bool
    admission_policy: bool


class _Reader:
    """The charm's configuration, and the problems of the options that were read from it."""

    def __init__(self, config: JsonMapping) -> None:
        self._config = config
        self.problems: List[str] = []

    def text(self, name: str) -> str:
        return str(self._config.get(name) or "").strip()

    def flag(self, name: str, default: bool = False) -> bool:
        return bool(self._config.get(name, default))

    def number(self, name: str) -> int:
        return int(self._config.get(name) or 0)

    def parse(self, name: str, parser: Callable[[str], T], default: T) -> T:
        """Return a parsed option, or the default after a problem was noted."""
        try:
            return parser(self.text(name))
        except (ValueError, ReleaseError) as error:
            self.problems.append(f"{name}: {error}")
            return default


def read_options(config: JsonMapping, load: Callable[[str], JsonValue]) -> Options:
    """Validate the options.

    Args:
        config: The options as Juju gives them.
        load: Reads YAML.

    Raises:
        OptionsError: With all problems.
    """
    reader = _Reader(config)
    export_root, shares, applications_root = _read_all_shares(reader, load)
    options = Options(
        external=_external_export(reader),
        export_root=export_root,
        shares=shares,
        applications_root=applications_root,
        owner=reader.parse("root-owner", _owner, ""),
        mode=reader.parse("root-mode", _mode, 0),
        adopt=reader.flag("adopt"),
        settings=Settings(_threads(reader), reader.parse("nfs-versions", _nfs_versions, ())),
        mount_options=reader.parse("mount-options", _mount_options, ()),
        storage_class=_storage_class(reader),
        provisioner_version=reader.parse("provisioner-version", _provisioner_version, ""),
        image_registry=read_registry(reader.text("image-registry"), reader.problems),
        allow_world=reader.flag("allow-world"),
        admission_policy=reader.flag("admission-policy", True),
    )
    if reader.problems:
        raise OptionsError(reader.problems)
    return options


def _external_export(reader: _Reader) -> Optional[ExternalExport]:
    if not reader.text(EXTERNAL_EXPORT):
        return None
    idle = [name for name in _OWN_SERVER_OPTIONS if reader.text(name)]
    if idle:
        reader.problems.append(
            f"{EXTERNAL_EXPORT} is set, so {', '.join(idle)} would have no effect; reset them"
        )
    parse: Callable[[str], Optional[ExternalExport]] = read_external_export
    return reader.parse(EXTERNAL_EXPORT, parse, None)


def _read_all_shares(
    reader: _Reader, load: Callable[[str], JsonValue]
) -> Tuple[Share, Tuple[Share, ...], str]:
    """Return the export root, the other shares, and the root of applications' directories."""
    allow_world = reader.flag("allow-world")
    networks: Tuple[str, ...] = reader.parse(
        "networks", lambda text: read_clients(text, allow_world), ()
    )
    path = reader.parse(EXPORT_ROOT, read_path, "")
    export_options: Tuple[str, ...] = reader.parse("options", read_export_options, ())
    export_root = Share(EXPORT_ROOT, path, networks, export_options)
    shares, problems = read_shares(reader.text("shares"), load, networks, allow_world)
    applications_root = reader.parse(
        APPLICATIONS_ROOT, lambda text: read_path(text) if text else "", ""
    )
    reader.problems += problems
    if path:
        separate = [export_root, *shares]
        if applications_root:
            separate.append(Share(APPLICATIONS_ROOT, applications_root, networks))
        reader.problems += overlaps(separate)
    return export_root, tuple(shares), applications_root


def _storage_class(reader: _Reader) -> StorageClass:
    for name, choices in (("reclaim-policy", _RECLAIM_POLICIES), ("on-delete", _ON_DELETE)):
        text = reader.text(name)
        if text not in choices:
            reader.problems.append(
                f"{name} is {text!r}; write {' or '.join(filter(None, choices))}"
            )
    name_rule = "a name of lower-case letters, digits and dashes"
    storage_class = StorageClass(
        name=reader.parse("storage-class", _matching(_CLASS_NAME, name_rule), ""),
        is_default=reader.flag("default-class", True),
        provisioner=reader.parse(
            "provisioner-name", _matching(_PROVISIONER_NAME, "DOMAIN/NAME"), ""
        ),
        reclaim_policy=reader.text("reclaim-policy"),
        archive_on_delete=reader.flag("archive-on-delete", True),
        on_delete=reader.text("on-delete"),
        path_pattern=reader.parse("path-pattern", _path_pattern, ""),
    )
    if _archives_twice(storage_class):
        reader.problems.append(_ARCHIVED_TWICE)
    return storage_class


def _matching(pattern: Pattern[str], description: str) -> Callable[[str], str]:
    """Return a parser that accepts the strings of a pattern."""

    def parse(text: str) -> str:
        if not pattern.match(text):
            raise ValueError(f"{text!r} is not {description}")
        return text

    return parse


def _owner(text: str) -> str:
    user, colon, group = text.partition(":")
    if not colon:
        raise ValueError(f"{text!r} is not USER:GROUP")
    _check_exists(pwd.getpwnam, "user", user)
    _check_exists(grp.getgrnam, "group", group)
    return text


def _check_exists(lookup: Callable[[str], object], kind: str, name: str) -> None:
    try:
        lookup(name)
    except KeyError:
        raise ValueError(f"this machine has no {kind} {name!r}") from None


def _mode(text: str) -> int:
    if not re.match(r"^0?[0-7]{3,4}$", text):
        raise ValueError(f"{text!r} is not a file mode; write four digits such as 0755")
    return int(text, 8)


def _threads(reader: _Reader) -> int:
    threads = reader.number("threads")
    if not 0 <= threads <= 4096:
        reader.problems.append(
            f"threads is {threads}; write 1 to 4096, or 0 for the machine's own number"
        )
    return threads


def _nfs_versions(text: str) -> Tuple[str, ...]:
    versions = set()
    for word in text.replace(",", " ").split():
        named = {version for version in VERSIONS if word in (version, version.partition(".")[0])}
        if not named:
            raise ValueError(f"{word!r} is not an NFS version; use 4, {', '.join(VERSIONS)}")
        versions |= named
    return tuple(sorted(versions))


def _mount_options(text: str) -> Tuple[str, ...]:
    options = tuple(option for option in re.split(r"[,\s]+", text) if option)
    for option in options:
        if not _MOUNT_OPTION.match(option):
            raise ValueError(f"{option!r} is not a mount option such as nfsvers=4.1")
        name, _, number = option.partition("=")
        if name == "port" and not (number.isdigit() and int(number) <= _LAST_PORT):
            raise ValueError(f"{option!r} is not a port; write a number up to {_LAST_PORT}")
    return options


def _path_pattern(text: str) -> str:
    """Return the pattern when it gives each claim a directory of its own in the export root.

    To delete or archive a volume, v4.0.2 takes the last part of its path and looks for it in the
    export root itself (its provisioner.go, Delete: filepath.Base). So it never deletes a nested
    directory, and it may delete another claim's directory of the same name, or a directory that
    contains many claims. Labels and annotations are no variables here: the author of a claim
    chooses them, and could name the directories of other claims.

    Raises:
        ValueError: When two claims could share a directory, or one directory could lie in another.
    """
    if not text:
        return ""
    if not _PATTERN.match(text) or sorted(_VARIABLE.findall(text)) != _BOTH_VARIABLES:
        raise ValueError(
            f"{text!r} does not name one directory; write {_PATTERN_EXAMPLE}: both variables once,"
            " and no /"
        )
    # Without such a character namespace a with name b-c, and namespace a-b with name c, would get
    # the same directory.
    if not re.search("[._A-Z]", _VARIABLE.split(text)[2]):
        raise ValueError(f"{text!r} gives two claims the same directory; write {_PATTERN_EXAMPLE}")
    return text


def _archives_twice(storage_class: StorageClass) -> bool:
    """Return whether two claims of one name, one after the other, would get the same archive."""
    archives = (
        storage_class.archive_on_delete
        and not storage_class.on_delete
        and storage_class.reclaim_policy != "Retain"
    )
    return bool(storage_class.path_pattern) and archives


def _provisioner_version(text: str) -> str:
    if text:
        find_release(text)
    return text
