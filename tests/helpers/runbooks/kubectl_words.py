"""A strict grammar of the `kubectl` commands that a runbook may have.

Source: the reference of kubectl. ``--delete-emptydir-data`` has its name since 1.20; before, it
was ``--delete-local-data``.
"""

from __future__ import annotations

from collections.abc import Sequence

# Kinds that every API server from 1.13 on has.
KINDS = frozenset(
    (
        "clusterrolebindings", "clusterroles", "configmaps", "customresourcedefinitions",
        "daemonsets", "deployments", "mutatingwebhookconfigurations", "namespaces", "nodes",
        "persistentvolumeclaims", "persistentvolumes", "rolebindings", "roles", "secrets",
        "serviceaccounts", "services", "storageclass", "storageclasses",
        "validatingwebhookconfigurations",
    )
)  # fmt: skip
# Kinds since 1.30.
NEW_KINDS = frozenset(("validatingadmissionpolicies", "validatingadmissionpolicybindings"))
# The options of each verb, with whether they take a value.
_OPTIONS = {
    "get": {"--output": True, "--all-namespaces": False, "--selector": True},
    "drain": {
        "--ignore-daemonsets": False,
        "--delete-emptydir-data": False,
        "--delete-local-data": False,
    },
    "uncordon": {},
    "delete": {"--ignore-not-found": False},
}
_RENAMED_AT = (1, 20)
_OUTPUTS = ("wide=", "custom-columns=")


def kubectl_fault(
    words: Sequence[str], nodes: Sequence[str], release: tuple[int, int] | None
) -> str:
    """Return what is wrong with a command; empty if nothing is.

    Args:
        words: The words after `kubectl`.
        nodes: The nodes of the cluster.
        release: The release of Kubernetes; None for the newest.
    """
    if not words or words[0] not in _OPTIONS:
        return f"no verb: {words}"
    operands, options = _split(words)
    unknown = [option for option in options if option not in _OPTIONS[words[0]]]
    if unknown:
        return f"unknown option {unknown[0]}"
    if not (options.get("--output", "wide") + "=").startswith(_OUTPUTS):
        return f"unknown output {options['--output']}"
    kinds = KINDS if release else KINDS | NEW_KINDS
    return _option_fault(options, release) or _operand_fault(words[0], operands, nodes, kinds)


def _split(words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    takes_value = _OPTIONS[words[0]]
    operands, options = [], {}
    rest = list(words[1:])
    while rest:
        word = rest.pop(0)
        if word.startswith("-"):
            options[word] = rest.pop(0) if takes_value.get(word) and rest else ""
        else:
            operands.append(word)
    return operands, options


def _option_fault(options: dict[str, str], release: tuple[int, int] | None) -> str:
    is_old = release is not None and release < _RENAMED_AT
    other = "--delete-emptydir-data" if is_old else "--delete-local-data"
    return f"kubectl of this release has no {other}" if other in options else ""


def _operand_fault(
    verb: str, operands: list[str], nodes: Sequence[str], known: frozenset[str]
) -> str:
    if verb == "get":
        kinds = operands[0].split(",") if operands else [""]
        unknown = [kind for kind in kinds if kind not in known]
        return f"unknown kind {unknown[0]}" if unknown or len(operands) != 1 else ""
    expected = [["node", node] for node in nodes] if verb == "delete" else [[n] for n in nodes]
    return "" if operands in expected else f"no such node: {operands}"
