"""The benchmark of hooks runs to its end, and hooks without changes stay within their limits."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench import charms
from helpers.interpreters import find_python, missing

# The most requests of a hook without changes, which leaves some for further checks. With one
# request per object, as before, metallb had 51 and nfs-server 30.
MOST_REQUESTS = {"metallb": 40, "nfs-server": 27}
# Modules that take long to import, and what uses them.
SLOW = ("kubernetes", "requests", "urllib3", "oauthlib", "dateutil")


def test_benchmark_measures_every_hook(archives: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without kubeflow-installer, which builds its manifests first."""
    names = [charm for charm in charms.CHARMS if charm != "kubeflow-installer"]
    charms.main(["--runs", "1", "--archives", str(archives), "--charms", *names])

    printed = capsys.readouterr().out
    for python in charms.AGES:
        if find_python(python):
            row = rf"^ +{re.escape(python)} ([a-z-]+) +([a-z-]+)(?: +[0-9.]+){{4}}$"
            rows = [(charm, hook) for charm in names for hook in charms.HOOKS]
            assert re.findall(row, printed, re.M) == rows
        else:
            assert f"{python} is not on this machine" in printed


@pytest.mark.parametrize("python", charms.AGES)
@pytest.mark.parametrize("charm", MOST_REQUESTS)
def test_hook_without_changes_reads_each_kind_once_and_imports_little(
    charm: str, python: str, archives: Path, tmp_path: Path
) -> None:
    """The time of a hook varies, its requests and imports do not."""
    if not find_python(python):
        pytest.skip(missing(python))
    with charms.lab(charm, archives, tmp_path, python) as made:
        made.api.requests.clear()
        made.unit.environment["PYTHONPROFILEIMPORTTIME"] = "1"
        code, output = made.unit.run("update-status")
        log = output + made.unit.log()

        assert (code, made.unit.status().partition(":")[0]) == (0, "active")
    assert [request for request in made.api.requests if not request.startswith("GET ")] == []
    assert len(made.api.requests) <= MOST_REQUESTS[charm]
    imported = set(re.findall(r"^(?:.*)import time: .*\| +([\w.]+)$", log, re.M))
    assert not [name for name in imported if name.partition(".")[0] in SLOW]
    if python != "3.6":  # which does not know the variable
        assert "labkube.client.connection" in imported
