"""The checks that Charmhub makes before it lists a charm, as far as they work without a network.

They are those of charmhub-listing-review, which expects one charm per repository. Therefore the
checks of a charm's files get the charm's directory, and those of the repository the root. Pages of
the repository are served from this machine.
"""

from __future__ import annotations

import ast
import functools
import inspect
import shutil
import threading
from collections.abc import Generator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CHARMS = sorted(path.parent for path in ROOT.glob("charms/*/charmcraft.yaml"))
PAGES = {
    "contribution_guidelines": "CONTRIBUTING.md",
    "license_statement": "LICENSE",
    "security_doc": "SECURITY.md",
}
OF_A_CHARM = ("action_names", "option_names", "relations_includes_optional", "charm_has_icon")
OF_THE_REPOSITORY = ("python_requires_version",)
LINKS = ("documentation", "issues", "source", "website")
# Each has a test of its own below.
OTHERS = ("metadata_links", "check_charm_name", "charmcraft_tooling")
SKIPPED = {
    "coding_conventions": "the tool leaves this to the reviewer; `make lint` and CI do it",
    "repository_name": "the publisher names the repository; the tool expects CHARM-operators",
    "charm_plugin_strict_dependencies": "no charm uses charmcraft's plugin `charm`",
    "repo_has_lock_file": "the tool knows poetry.lock and uv.lock; the locks with hashes are in"
    " requirements/ and charms/requirements/",
    "charm_lib_docs": "the charms publish no libraries on Charmhub",
}


class _Pages(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        """Print nothing."""


@pytest.fixture(scope="module")
def address() -> Generator[str]:
    """Serve the repository, and return its address."""
    handler = functools.partial(_Pages, directory=str(ROOT))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def evaluate() -> ModuleType:
    """Return the module of the tool that has the checks."""
    name = "charmhub_listing_review.evaluate"
    reason = "needs charmhub-listing-review (tox -e listing installs it) and Python 3.11"
    return cast("ModuleType", pytest.importorskip(name, reason=reason))


def has_passed(result: str) -> bool:
    """Return whether a check ticked its box; it has to have one."""
    assert result.startswith(("* [x] ", "* [ ] ")), result
    return result.startswith("* [x] ")


@pytest.mark.parametrize("charm", CHARMS, ids=lambda charm: charm.name)
@pytest.mark.parametrize("check", OF_A_CHARM)
def test_check_of_a_charm_passes(check: str, charm: Path, evaluate: ModuleType) -> None:
    assert has_passed(getattr(evaluate, check)(charm))


@pytest.mark.parametrize("check", OF_THE_REPOSITORY)
def test_check_of_the_repository_passes(check: str, evaluate: ModuleType) -> None:
    assert has_passed(getattr(evaluate, check)(ROOT))


@pytest.mark.parametrize(("check", "page"), PAGES.items())
def test_page_of_the_repository_is_accepted(
    check: str, page: str, address: str, evaluate: ModuleType
) -> None:
    """The licence must be one that the tool knows by its text."""
    assert has_passed(getattr(evaluate, check)(f"{address}/{page}"))


@pytest.mark.parametrize("charm", CHARMS, ids=lambda charm: charm.name)
def test_charm_has_the_name_and_texts_of_its_page(
    charm: Path, address: str, tmp_path: Path, evaluate: ModuleType
) -> None:
    """The links lead to this machine. A publisher adds those that have no public address yet."""
    document = yaml.safe_load((charm / "charmcraft.yaml").read_text(encoding="utf-8"))
    links = document["links"]
    assert links["contact"]
    assert links["website"].startswith("https://")
    document["links"] = links | dict.fromkeys(LINKS, f"{address}/README.md")
    (tmp_path / "charmcraft.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")

    assert has_passed(evaluate.check_charm_name(charm.name))
    assert has_passed(evaluate.metadata_links(tmp_path))


def test_makefile_has_the_commands_of_a_charm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, evaluate: ModuleType
) -> None:
    """The tool runs all but `integration`. Here, `make` only notes what it is called with."""
    calls = tmp_path / "calls"
    program = tmp_path / "bin/make"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {calls}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    shutil.copy(ROOT / "Makefile", tmp_path)

    assert has_passed(evaluate.charmcraft_tooling(tmp_path))
    assert sorted(calls.read_text().split()) == ["format", "lint", "unit"]


@pytest.mark.parametrize("check", SKIPPED)
def test_check_that_is_not_made(check: str) -> None:
    pytest.skip(f"{check}: {SKIPPED[check]}")


def test_no_check_is_forgotten(evaluate: ModuleType) -> None:
    """A new release of the tool may have more."""
    tree = ast.parse(inspect.getsource(evaluate.evaluate))
    calls = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    own = {*PAGES, *OF_A_CHARM, *OF_THE_REPOSITORY, *OTHERS, *SKIPPED}
    assert calls - {"_clone_repo", "str"} == own
