"""Data of others that is damaged is read, left out, or named; no hook ends with a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from helpers.damage import damaged_texts
from labcharm.machine import CommandResult, Machine
from nfs_server import usage
from nfs_server.cluster import cache
from nfs_server.related_clients import addresses_of, related_client
from nfs_server.server.export_table import parse_table
from nfs_server.server.foreign_exports import directory_of, logical_lines
from nfs_server.server.shares import Share, read_shares

SHARES = """\
a: {path: /srv/a, clients: [10.0.0.0/24, host.lab], options: 'rw,sync'}
b:
  path: /srv/b
  clients: 10.0.0.1 10.0.0.2
"""


@pytest.mark.parametrize("text", ["a: !!bool maybe", "a: 2019-02-31", "[" * 3000, "a: ["])
def test_shares_that_no_parser_reads_are_a_problem(text: str) -> None:
    """PyYAML has another class of error for each."""
    _, (problem,) = read_shares(text, yaml.safe_load, [], allow_world=False)

    assert problem.startswith("shares is not YAML (")


def test_damaged_shares_are_read_or_a_problem() -> None:
    for text in damaged_texts(SHARES):
        shares, problems = read_shares(text, yaml.safe_load, ["10.0.0.0/8"], allow_world=False)
        assert shares or problems or yaml.safe_load(text) in ({}, None)


def test_damaged_relation_data_names_clients_or_none() -> None:
    for text in damaged_texts("10.0.0.0/24, fd00::/64 10.0.0.4"):
        related_client("app", addresses_of({"egress-subnets": text}), allow_world=False)


def test_damaged_output_and_files_of_nfs_are_read_line_by_line() -> None:
    line = "/srv/a\t10.0.0.0/24(sync,wdelay,hide,no_subtree_check,sec=sys,rw,root_squash)\n"
    for text in damaged_texts(line * 3):
        parse_table(text)
    for text in damaged_texts('/srv/a 10.0.0.1(rw) \\\n  10.0.0.2\n"/srv/b\\040c" *(ro)\n'):
        for _, logical_line in logical_lines(text):
            directory_of(logical_line)


class Du(Machine):
    """A machine whose `du` prints one output."""

    output = ""

    def run(self, command: list[str], timeout: float = 600.0) -> CommandResult:
        """Print it."""
        del command, timeout
        return CommandResult(0, self.output, "")


def test_damaged_output_of_du_gives_the_sizes_that_can_be_read(tmp_path: Path) -> None:
    """A line without a path is one of them."""
    (tmp_path / "srv").mkdir()
    machine = Du(str(tmp_path))
    sound = f"123\t{tmp_path}/srv/a\n45\t{tmp_path}/srv\n"
    for machine.output in ["7\t\n" + sound, *damaged_texts(sound)]:
        usage.measure(machine, [Share("s", "/srv", ())], [])


@pytest.mark.parametrize("nodes", [5, "10.0.0.1", {"a": 1}, None])
def test_damaged_cache_has_no_nodes(tmp_path: Path, nodes: object) -> None:
    machine = Machine(str(tmp_path))
    machine.write(cache.PATH, json.dumps({"nodes": nodes, "root": "/srv"}))

    assert cache.read(machine).nodes == []
