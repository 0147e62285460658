"""What dockerd refuses at its start, told beforehand in its own words.

Source: moby, daemon/config/config.go (findConfigurationConflicts, MergeDaemonConfigurations,
Validate) at v18.09.1, and runs of dockerd 20.10 and 26.1.
"""

import json
from typing import Any, Dict, List, Mapping, Optional, Tuple

Version = Tuple[int, ...]
Flags = Mapping[str, List[str]]
# From this version on `runtimes` may stand in both places (moby pull request 37871).
MERGED_RUNTIMES = (18, 9)


def flag_runtimes(flags: Flags) -> Dict[str, str]:
    """Return the runtimes that the command line registers: path by name."""
    pairs = (value.partition("=") for value in flags.get("runtimes", ()))
    return {name: path for name, equals, path in pairs if equals}


def default_by_flag(flags: Flags) -> str:
    """Return the default runtime of the command line; empty when it names none."""
    return (flags.get("default-runtime") or [""])[-1]


def refusals(document: Mapping[str, Any], flags: Flags, version: Optional[Version]) -> List[str]:
    """List why dockerd would not start with this file and these flags.

    Args:
        document: The file's content.
        flags: Flags by file key.
        version: dockerd's version; None stands for one that merges runtimes.
    """
    found = _both(document, flags, version)
    runtimes = document.get("runtimes")
    names = set(runtimes) if isinstance(runtimes, dict) else set()
    if "runc" in names:
        found.append("runtime name 'runc' is reserved")
    by_file = document.get("default-runtime")
    # The file is validated alone first (all but the newest versions), then both together.
    if by_file is not None and by_file not in names | {"runc"}:
        found.append("specified default runtime '%s' does not exist" % by_file)
    by_flag = default_by_flag(flags)
    if by_flag and by_flag not in names | set(flag_runtimes(flags)) | {"runc"}:
        found.append("specified default runtime '%s' does not exist" % by_flag)
    return found


def _both(document: Mapping[str, Any], flags: Flags, version: Optional[Version]) -> List[str]:
    merged = version is None or version >= MERGED_RUNTIMES
    told = []
    for key in sorted(set(document) & set(flags)):
        if key == "runtimes" and merged:
            continue
        values = flags[key]
        several = key.endswith("s") and key not in ("tls",)
        flag = "[%s]" % " ".join(values) if several else values[-1]
        told.append("%s: (from flag: %s, from file: %s)" % (key, flag, _shown(document[key])))
    if not told:
        return []
    text = "the following directives are specified both as a flag and in the configuration file: "
    return [text + ", ".join(told)]


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "[%s]" % " ".join(str(item) for item in value)
    return value if isinstance(value, str) else json.dumps(value)
