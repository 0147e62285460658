"""The rules by which dockerd refuses to start, checked beforehand in dockerd's own words.

Source: moby, daemon/config/config.go (findConfigurationConflicts, MergeDaemonConfigurations,
Validate) at v18.09.1, and runs of dockerd 20.10 and 26.1.
"""

import json
from typing import Dict, List, Mapping, Optional, Tuple

from labcharm.json_types import JsonObject

Version = Tuple[int, ...]
# The flags' values by the key that each flag has in daemon.json.
Flags = Mapping[str, List[str]]
# From this version on `runtimes` may be set in both places (moby pull request 37871).
MERGED_RUNTIMES = (18, 9)


def flag_runtimes(flags: Flags) -> Dict[str, str]:
    """Return the runtimes that the command line registers: path by name."""
    pairs = (text.partition("=") for text in flags.get("runtimes", ()))
    return {name: path for name, equals, path in pairs if equals}


def default_by_flag(flags: Flags) -> str:
    """Return the default runtime that the command line sets; empty when it sets none."""
    return (flags.get("default-runtime") or [""])[-1]


def refusals(document: JsonObject, flags: Flags, version: Optional[Version]) -> List[str]:
    """List why dockerd would not start with this file and these flags.

    Args:
        document: The file's content.
        flags: dockerd's flags.
        version: dockerd's version; None stands for a version that merges runtimes.
    """
    reasons = _conflicts(document, flags, version)
    runtimes = document.get("runtimes")
    names = set(runtimes) if isinstance(runtimes, dict) else set()
    if "runc" in names:
        reasons.append("runtime name 'runc' is reserved")
    # All but the newest versions validate the file alone first, then both together.
    in_file = document.get("default-runtime")
    if in_file is not None and in_file not in names | {"runc"}:
        reasons.append(f"specified default runtime '{in_file}' does not exist")
    by_flag = default_by_flag(flags)
    if by_flag and by_flag not in names | set(flag_runtimes(flags)) | {"runc"}:
        reasons.append(f"specified default runtime '{by_flag}' does not exist")
    return reasons


def _conflicts(document: JsonObject, flags: Flags, version: Optional[Version]) -> List[str]:
    """Return dockerd's message about the keys that are set in both places, if there are any."""
    merges_runtimes = version is None or version >= MERGED_RUNTIMES
    keys = sorted(set(document) & set(flags))
    conflicts = [
        _conflict(key, flags[key], document[key])
        for key in keys
        if not (key == "runtimes" and merges_runtimes)
    ]
    if not conflicts:
        return []
    text = "the following directives are specified both as a flag and in the configuration file: "
    return [text + ", ".join(conflicts)]


def _conflict(key: str, values: List[str], entry: object) -> str:
    return f"{key}: (from flag: {_flag_text(key, values)}, from file: {_file_text(entry)})"


def _flag_text(key: str, values: List[str]) -> str:
    is_list = key.endswith("s") and key != "tls"
    return f"[{' '.join(values)}]" if is_list else values[-1]


def _file_text(entry: object) -> str:
    if isinstance(entry, list):
        return f"[{' '.join(str(element) for element in entry)}]"
    return entry if isinstance(entry, str) else json.dumps(entry)
