"""What daemon.json must say beside a command line: the decision alone, without a daemon."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.command_line import flags_of
from reconciler.docker_file import decide, undo
from reconciler.docker_rules import refusals
from reconciler.settings import Wish

PATH = "/usr/bin/nvidia-container-runtime"
ENTRY = {"path": PATH, "runtimeArgs": []}
WISH = Wish(PATH, (), True)
OFF = Wish(PATH, (), False)
DEFAULT_FLAG = ["dockerd", "-H", "fd://", "--default-runtime=nvidia"]
RUNTIME_FLAG = ["dockerd", "-H", "fd://", f"--add-runtime=nvidia={PATH}"]


def test_default_is_taken_out_of_the_file_where_the_flag_gives_it() -> None:
    """The guide's fault: given twice, even equal, dockerd does not start."""
    before = {"runtimes": {"nvidia": ENTRY}, "default-runtime": "nvidia"}
    decision = decide(before, {}, flags_of(DEFAULT_FLAG), WISH)

    assert refusals(before, flags_of(DEFAULT_FLAG), None) != []
    assert decision.document == {"runtimes": {"nvidia": ENTRY}}
    assert decision.default
    assert decision.problems == []


def test_before_18_09_the_runtime_stays_where_the_flag_has_it() -> None:
    """The row that no dockerd of today can show: runtimes in both places end the start."""
    flags = flags_of([*RUNTIME_FLAG, "--default-runtime=nvidia"])
    both = {"runtimes": {"nvidia": ENTRY}}

    assert "runtimes: (from flag" in refusals(both, flags, (18, 6))[0]
    assert refusals(both, flags, (18, 9)) == []
    assert decide(both, {}, flags, WISH, (18, 6)).document == {}
    assert decide(both, {}, flags, WISH, (18, 6)).problems == []
    told = decide({}, {}, flags_of(RUNTIME_FLAG), WISH, (18, 6)).problems
    assert "take --add-runtime out" in told[0]


def test_a_foreign_default_comes_back_when_ours_is_no_longer_wanted() -> None:
    """Kata was the default before us; with default-runtime off it is again."""
    before: dict[str, Any] = {
        "runtimes": {"kata": {"path": "/k"}},
        "default-runtime": "kata",
    }
    first = decide(before, {}, {}, WISH)
    second = decide(first.document, first.kept, {}, OFF)

    assert first.document["default-runtime"] == "nvidia"
    assert second.document["default-runtime"] == "kata"
    assert undo(second.document, second.kept, {}, OFF) == before


@pytest.mark.parametrize("path", ["nvidia-container-runtime", PATH])
def test_the_packages_own_entry_is_left_as_it_is(path: str) -> None:
    """nvidia-docker2 writes the bare name: the same program, so nothing is written."""
    before = {"runtimes": {"nvidia": {"path": path, "runtimeArgs": []}}}

    assert decide(before, {}, flags_of(DEFAULT_FLAG), WISH).document == before


def test_undo_leaves_out_what_would_keep_docker_from_starting() -> None:
    """The file was broken before us (default twice); removal must not break it again."""
    before = {"runtimes": {"nvidia": ENTRY}, "default-runtime": "nvidia"}
    flags = flags_of(DEFAULT_FLAG)
    decision = decide(before, {}, flags, WISH)

    after = undo(decision.document, decision.kept, flags, WISH)

    assert refusals(after, flags, None) == []
    assert undo(decision.document, decision.kept, {}, WISH) == before


@pytest.mark.parametrize(
    ("args", "flags"),
    [
        (["dockerd", "-H", "fd://"], {"hosts": ["fd://"]}),
        (["dockerd", "-Hfd://", "--host=tcp://x"], {"hosts": ["fd://", "tcp://x"]}),
        (["dockerd", "--log-level", "warn", "-D"], {"log-level": ["warn"], "debug": [""]}),
        (["dockerd", "--insecure-registry=a:1"], {"insecure-registries": ["a:1"]}),
    ],
)
def test_flags_are_told_by_their_file_keys(args: list[str], flags: dict[str, list[str]]) -> None:
    """Short and long, joined and apart, single and repeated."""
    assert flags_of(args) == flags


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
def test_no_decision_makes_docker_worse(
    before: dict[str, Any], words: list[str], default: bool, version: tuple[int, ...] | None
) -> None:
    """Whatever stands there: what is written starts, keeps foreign keys, and is stable."""
    flags = flags_of(["dockerd", *words])
    wish = Wish(PATH, (), default)
    decision = decide(before, {}, flags, wish, version)

    if decision.document != before:
        assert refusals(decision.document, flags, version) == []
    ours = {"runtimes", "default-runtime"}
    assert {k: v for k, v in decision.document.items() if k not in ours} == {
        k: v for k, v in before.items() if k not in ours
    }
    again = decide(decision.document, decision.kept, flags, wish, version)
    assert again.document == decision.document
    assert again.kept == decision.kept


@given(DOCUMENTS, FLAGS, st.booleans(), VERSIONS)
def test_undo_gives_back_or_starts(
    before: dict[str, Any], words: list[str], default: bool, version: tuple[int, ...] | None
) -> None:
    """What started before us is there again to the letter; what did not may differ."""
    flags = flags_of(["dockerd", *words])
    wish = Wish(PATH, (), default)
    decision = decide(before, {}, flags, wish, version)
    after = undo(decision.document, decision.kept, flags, wish, version)

    if not refusals(before, flags, version):
        assert after == before
    elif decision.document != before:
        assert refusals(after, flags, version) == []
