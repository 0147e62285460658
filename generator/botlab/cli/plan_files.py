"""The names of plan files, and the files that OpenTofu and Terraform read together with a plan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ..errors import BotlabError
from ..json_text import load_json
from ..json_values import list_of, mapping_of
from ..render.marker import has_mark
from ..text_files import read_text

# The endings of files that one of the programs reads. OpenTofu reads all of them.
_NATIVE = (".tf", ".tofu")
_JSON = tuple(f"{ending}.json" for ending in _NATIVE)
_ENDINGS = (*_NATIVE, *_JSON)
# The resource that each plan of botlab has (botlab.terraform.plan).
_MODEL = re.compile(r'^[ \t]*resource[ \t]+"?juju_model"?[ \t]+"?lab"?[ \t]*\{', re.MULTILINE)


def check_plan_file(output: Path) -> None:
    """Check that the programs that apply a plan will read a file, and no other plan with it.

    Raises:
        BotlabError: When its name is not that of a plan, or its directory has another plan.
    """
    problem = (
        _problem_of_name(output.name) or _problem_of_directory(output) or _problem_of_link(output)
    )
    if problem:
        raise BotlabError(f"{output}: {problem}")


def check_bundle_name(output: Path) -> None:
    """Check that a bundle is not written to a file that OpenTofu and Terraform would read.

    Raises:
        BotlabError: When its name has the ending of a plan.
    """
    if output.name.endswith(_ENDINGS):
        raise BotlabError(
            f"{output}: would be read as a Terraform plan; add --format terraform, or name a file"
            " that ends in .yaml with --output"
        )


def _problem_of_name(name: str) -> str:
    """Return why the programs do not read a file as a plan of its own; empty if they do."""
    if not name.endswith(".tf"):
        return (
            "OpenTofu and Terraform only read files whose names end in .tf; name another file with"
            " --output"
        )
    if _is_ignored(name):
        return (
            "OpenTofu and Terraform ignore files whose names begin with a point; name another file"
            " with --output"
        )
    if _is_override(name):
        return (
            "OpenTofu and Terraform read a file of this name as changes to the plan in another"
            " file; name another file with --output"
        )
    return ""


def _problem_of_directory(output: Path) -> str:
    """Return which file of the directory prevents the plan; empty for none."""
    tofu = output.with_suffix(".tofu")
    if tofu.exists():
        return (
            f"OpenTofu would read {tofu.name} instead; remove {tofu.name}, or name another file"
            " with --output"
        )
    plan = next(filter(_is_plan, _files_beside(output)), None)
    if plan is None:
        return ""
    return (
        f"OpenTofu and Terraform would read this plan and that in {plan.name} as one, which would"
        f" have the model twice; remove {plan.name}, or name a file in another directory with"
        " --output"
    )


def _problem_of_link(output: Path) -> str:
    """Return why the file that a link names must not get the plan; empty if it may."""
    target = output.resolve()
    if target == output.parent.resolve() / output.name or _problem_of_name(target.name):
        return ""
    if target.parent == output.parent.resolve():
        return (
            f"is a link to {target.name}, and OpenTofu and Terraform would read both as one plan,"
            f" which would have the model twice; name {target.name} with --output"
        )
    problem = _problem_of_directory(target)
    return f"is a link to {target}, and {problem}" if problem else ""


def _files_beside(output: Path) -> Iterator[Path]:
    """Yield the other files of a directory that the programs read."""
    for path in sorted(output.parent.glob("*")):
        name = path.name
        if name != output.name and name.endswith(_ENDINGS) and not _is_ignored(name):
            yield path


def _is_ignored(name: str) -> bool:
    """Return whether the programs ignore a file (IsIgnoredFile in their configs package)."""
    return name.startswith(".") or name.endswith("~") or (name[0] == "#" and name[-1] == "#")


def _is_override(name: str) -> bool:
    """Return whether a file changes the blocks of the other files (isOverride, likewise)."""
    ending = next(end for end in (*_JSON, *_NATIVE) if name.endswith(end))
    stem = name.removesuffix(ending)
    return stem == "override" or stem.endswith("_override")


def _is_plan(path: Path) -> bool:
    """Return whether a file has the mark of botlab, or the model that each of its plans has."""
    try:
        text = read_text(path)
        if has_mark(text):
            return True
        if _is_override(path.name):
            return False
        is_json = path.name.endswith(_JSON)
        return _has_model(text, str(path)) if is_json else _MODEL.search(text) is not None
    except BotlabError:  # what cannot be read is not known to be a plan
        return False


def _has_model(text: str, name: str) -> bool:
    """Return whether a plan in JSON has the model. Blocks are objects, or lists of objects."""
    blocks = [load_json(text, name)]
    for key in ("resource", "juju_model", "lab"):
        values = [mapping_of(block)[key] for block in blocks if key in mapping_of(block)]
        blocks = [entry for value in values for entry in list_of(value) or [value]]
    return bool(blocks)
