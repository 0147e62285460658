"""The content of daemon.json beside a command line: the decision alone, without a daemon."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.command_line import flags_of
from reconciler.daemon_json import decide, undo
from reconciler.daemon_rules import refusals
from reconciler.settings import RuntimeSettings

PATH = "/usr/bin/nvidia-container-runtime"
ENTRY = {"path": PATH, "runtimeArgs": []}
DEFAULT = RuntimeSettings(PATH, (), is_default=True)
NOT_DEFAULT = RuntimeSettings(PATH, (), is_default=False)
DEFAULT_FLAG = ["dockerd", "-H", "fd://", "--default-runtime=nvidia"]
RUNTIME_FLAG = ["dockerd", "-H", "fd://", f"--add-runtime=nvidia={PATH}"]


def test_default_leaves_the_file_where_the_flag_sets_it() -> None:
    """The fault of the guide's lab: dockerd refuses a key in both places, even if equal."""
    before = {"runtimes": {"nvidia": ENTRY}, "default-runtime": "nvidia"}
    decision = decide(before, {}, flags_of(DEFAULT_FLAG), DEFAULT)

    assert refusals(before, flags_of(DEFAULT_FLAG), None) != []
    assert decision.document == {"runtimes": {"nvidia": ENTRY}}
    assert decision.is_default
    assert decision.problems == []


def test_before_18_09_the_runtime_stays_with_the_flag() -> None:
    """The case that no dockerd of today shows: runtimes in both places prevent the start."""
    flags = flags_of([*RUNTIME_FLAG, "--default-runtime=nvidia"])
    both = {"runtimes": {"nvidia": ENTRY}}

    assert "runtimes: (from flag" in refusals(both, flags, (18, 6))[0]
    assert refusals(both, flags, (18, 9)) == []
    assert decide(both, {}, flags, DEFAULT, (18, 6)).document == {}
    assert decide(both, {}, flags, DEFAULT, (18, 6)).problems == []
    problems = decide({}, {}, flags_of(RUNTIME_FLAG), DEFAULT, (18, 6)).problems
    assert "remove --add-runtime" in problems[0]


def test_foreign_default_returns_when_nvidia_is_no_longer_the_default() -> None:
    """Kata was the default before the charm; with default-runtime=false it is again."""
    before: dict[str, Any] = {
        "runtimes": {"kata": {"path": "/k"}},
        "default-runtime": "kata",
    }
    first = decide(before, {}, {}, DEFAULT)
    second = decide(first.document, first.original, {}, NOT_DEFAULT)

    assert first.document["default-runtime"] == "nvidia"
    assert second.document["default-runtime"] == "kata"
    assert undo(second.document, second.original, {}, NOT_DEFAULT) == before


@pytest.mark.parametrize("path", ["nvidia-container-runtime", PATH])
def test_entry_of_the_package_is_left_alone(path: str) -> None:
    """nvidia-docker2 writes the bare name, which means the same program."""
    before = {"runtimes": {"nvidia": {"path": path, "runtimeArgs": []}}}

    assert decide(before, {}, flags_of(DEFAULT_FLAG), DEFAULT).document == before


def test_undo_leaves_out_what_would_keep_docker_from_starting() -> None:
    """The file was broken before the charm; removal must not break it again."""
    before = {"runtimes": {"nvidia": ENTRY}, "default-runtime": "nvidia"}
    flags = flags_of(DEFAULT_FLAG)
    decision = decide(before, {}, flags, DEFAULT)

    after = undo(decision.document, decision.original, flags, DEFAULT)

    assert refusals(after, flags, None) == []
    assert undo(decision.document, decision.original, {}, DEFAULT) == before


NAMES = st.sampled_from(["nvidia", "kata", "runc"])
ENTRIES = st.fixed_dictionaries({"path": st.sampled_from([PATH, "/k", "runc"])})
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "runtimes": st.dictionaries(NAMES, ENTRIES, max_size=3),
        "default-runtime": NAMES,
        "log-level": st.sampled_from(["warn", "info"]),
        "hosts": st.just(["fd://"]),
        "labels": st.just(["a=b"]),
    },
)
FLAGS = st.lists(
    st.sampled_from(
        [
            "--default-runtime=nvidia", "--default-runtime=runc", f"--add-runtime=nvidia={PATH}",
            "--add-runtime=kata=/k", "--log-level=warn", "-H=fd://", "--label=c=d",
        ]
    ),
    unique=True, max_size=4,
)  # fmt: skip
VERSIONS = st.sampled_from([None, (18, 6), (18, 9), (20, 10)])


@given(DOCUMENTS, FLAGS, st.booleans(), VERSIONS)
def test_decision_starts_keeps_foreign_keys_and_is_stable(
    before: dict[str, Any], words: list[str], is_default: bool, version: tuple[int, ...] | None
) -> None:
    """Whatever the file and the flags are."""
    flags = flags_of(["dockerd", *words])
    settings = RuntimeSettings(PATH, (), is_default)
    decision = decide(before, {}, flags, settings, version)

    if decision.document != before:
        assert refusals(decision.document, flags, version) == []
    assert foreign_keys(decision.document) == foreign_keys(before)
    again = decide(decision.document, decision.original, flags, settings, version)
    assert again.document == decision.document
    assert again.original == decision.original


def foreign_keys(document: dict[str, Any]) -> dict[str, Any]:
    """Return the part of the file that the charm never changes."""
    changed = ("runtimes", "default-runtime")
    return {key: entry for key, entry in document.items() if key not in changed}


@given(DOCUMENTS, FLAGS, st.booleans(), VERSIONS)
def test_undo_restores_or_at_least_starts(
    before: dict[str, Any], words: list[str], is_default: bool, version: tuple[int, ...] | None
) -> None:
    """A file with which dockerd started is restored exactly; any other file may differ."""
    flags = flags_of(["dockerd", *words])
    settings = RuntimeSettings(PATH, (), is_default)
    decision = decide(before, {}, flags, settings, version)
    after = undo(decision.document, decision.original, flags, settings, version)

    if not refusals(before, flags, version):
        assert after == before
    elif decision.document != before:
        assert refusals(after, flags, version) == []
