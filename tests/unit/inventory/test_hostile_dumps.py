"""MAAS dumps that are damaged, or that somebody wrote to change the site file."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.cli import main
from botlab.inventory.dumps import Dump, inventory_of_dumps
from botlab.inventory.proposal import propose
from botlab.inventory.roles import ProfileRoles
from botlab.inventory.selection import Filters
from botlab.inventory.site_lines import starter_values
from helpers.maas_dump import maas_machine

Captured = pytest.CaptureFixture[str]

INJECTED = 'a\nproxy: {http: "http://proxy.other.example:1"}'
TEXTS = [
    "", "m1", "M.1", "m_1", "-", "---", "1", "1e3", "0x1f", "null", "yes", "~", "a.b", "a-b",
    "a b", INJECTED, f"10.0.0.254{INJECTED[1:]}", "x\r\ny: 1", "a: b #c", "'\"",
    "\u202eb\u2028c\x85d",
    "\x00", "\U0001f600", "\ufeff", "\uffff", "{{ x }}", "${juju_model}", "*a", "&a",
    "!!python/none x",
    "%", "n" * 70, "caf\u00e9", "rack a", "rack\ta", "zone mem=1T", "\x1b[2J",
]  # fmt: skip
SUBNETS = [
    "10.5.0.7/24", "10.5.0.0/24", "10.5.0.10/32", "10.5.0.10/31", "255.255.255.255/32",
    "0.0.0.0/0", "2001:db8::1/64", "2001:db8::1/128", "fe80::%e\n/64", "10.5.0.0/99", "10.5/16",
    "\u0661.1.1.1/8",
]  # fmt: skip
ADDRESSES = [
    "10.5.0.10", "10.5.0.1", "255.255.255.255", "2001:db8::1", "fe80::1%e\nx: 1", "2001:db8::2%\n",
    "10.5.0.010", "::ffff:1.2.3.4", "127.0.0.1",
]  # fmt: skip
ODD_VALUES: list[Any] = [
    None, True, -1, 0, 1, 2.5, 1e400, float("nan"), 10**400, [], {}, [None], {"name": []}, *TEXTS,
]  # fmt: skip


def site_of(dump: object, directory: Path) -> tuple[int, Path]:
    """Run `botlab init --maas` and return its exit status and the site file."""
    file, site = directory / "maas.json", directory / "site.yaml"
    site.unlink(missing_ok=True)
    file.write_text(json.dumps(dump), encoding="utf-8")
    return main(["init", "lab", "--maas", str(file), "-o", str(site)]), site


def generated_machine(pick: random.Random) -> Any:
    """Return a machine with hostile values in any of its fields."""
    values: dict[str, Callable[[], Any]] = {
        "hostname": lambda: pick.choice(TEXTS),
        "system_id": lambda: pick.choice(TEXTS),
        "tag_names": lambda: pick.sample([*TEXTS, "worker", "gpu", "etcd", "master"], 3),
        "zone": lambda: {"name": pick.choice(TEXTS)},
        "ip_addresses": lambda: pick.sample(ADDRESSES, 3),
        "status_name": lambda: pick.choice([*TEXTS, "Ready", "Deployed", "Failed x", INJECTED]),
        "architecture": lambda: pick.choice(["amd64/generic", "arm64", "amd64\nx: 1", "s390x"]),
        "interface_set": lambda: [{"links": [{"subnet": generated_subnet(pick)}]}],
        "cpu_count": lambda: pick.choice([4, 2**53 - 1, 1.5]),
        "memory": lambda: pick.choice([1, 4096, 2**53 - 1]),
    }
    machine = {key: value() for key, value in values.items() if pick.random() < 0.8}
    machine.setdefault("hostname", f"m{pick.random()}")
    if pick.random() < 0.3:
        machine[pick.choice(list(values)[1:])] = pick.choice(ODD_VALUES)
    return machine


def generated_subnet(pick: random.Random) -> dict[str, Any]:
    """Return a subnet whose gateway may be any text."""
    return {"cidr": pick.choice(SUBNETS), "gateway_ip": pick.choice([*ADDRESSES, *TEXTS])}


@pytest.mark.parametrize("seed", range(60))
def test_any_dump_gives_a_site_file_that_validate_reads(
    seed: int, tmp_path: Path, capsys: Captured
) -> None:
    """Without faults of syntax or type, and without a key that a text of the dump adds."""
    pick = random.Random(seed)  # noqa: S311 - it makes test data
    machines = [generated_machine(pick) for _ in range(pick.randrange(1, 8))]

    status, site = site_of(machines, tmp_path)
    output = capsys.readouterr()

    assert [line for line in output.err.split("\n") if not line.isprintable()] == []
    if status == 2:
        assert output.err.count("botlab: ") == 1
        assert not site.exists()
        return
    assert main(["validate", str(site), "--format", "json"]) in (0, 1)
    findings = json.loads(capsys.readouterr().out)["findings"]
    errors = {finding["id"] for finding in findings if finding["severity"] == "error"}
    assert errors & {"BL001", "BL002", "BL003", "BL004", "BL005"} == set()
    # A machine without a role is left to the administrator (J021).
    assert {rule for rule in errors if rule.startswith("J")} <= {"J021"}
    document = yaml.safe_load(site.read_text("utf-8"))
    keys = {"site", "juju", "kubernetes", "machines", "networks", "metallb", "nfs", "kubeflow"}
    if "shows no subnet" in output.err:
        keys -= {"networks", "metallb"}
    entries = document["machines"].values()
    # Sections that some machines need: a control plane beside a worker, and two architectures.
    if any({"control-plane", "worker"} <= {*entry.get("roles", [])} for entry in entries):
        keys |= {"applications"}
    if any("workers" in entry for entry in entries):
        keys |= {"workers"}
    assert set(document) == keys


@pytest.mark.parametrize(
    "fields",
    [
        {"hostname": INJECTED},
        {"status_name": INJECTED, "system_id": "x\n  m2: {}\nproxy: {http: h}"},
        {"zone": {"name": f"rack{INJECTED[1:]}"}, "tag_names": [INJECTED]},
        {"status_name": "Failed\u2028proxy: {}\x85proxy: {}\rproxy: {}"},
        {"architecture": "arm64\nproxy: {}/generic", "ip_addresses": [f"::1%{INJECTED}"]},
    ],
)
def test_text_of_a_dump_adds_no_key_to_the_site_file(
    fields: dict[str, Any], tmp_path: Path, capsys: Captured
) -> None:
    """Neither as a value nor in a comment."""
    status, site = site_of([maas_machine("m1"), maas_machine("m2", **fields)], tmp_path)

    assert (status, "\nproxy" in capsys.readouterr().err) == (0, False)
    text = site.read_text("utf-8")
    assert "proxy" not in yaml.safe_load(text)
    assert len(yaml.safe_load(text)["machines"]) <= 2
    assert text.isascii()


@pytest.mark.parametrize("gateway", [f"10.5.0.1{INJECTED[1:]}", "gw", "10.9.0.1", "::1", "10.5.0"])
def test_gateway_that_is_not_an_address_of_the_network_is_left_out_with_a_note(
    gateway: str, tmp_path: Path, capsys: Captured
) -> None:
    """The note shows the text in one line."""
    subnet = {"cidr": "10.5.0.9/24", "gateway_ip": gateway}
    machine = maas_machine("m1", interface_set=[{"links": [{"subnet": subnet}]}])

    status, site = site_of([machine], tmp_path)

    assert status == 0
    assert yaml.safe_load(site.read_text("utf-8"))["networks"] == {"lan": {"cidr": "10.5.0.0/24"}}
    assert "the gateway of 10.5.0.0/24 is left out" in capsys.readouterr().err
    assert "the gateway of 10.5.0.0/24 is left out" in site.read_text("utf-8")


def test_zone_that_is_not_a_name_is_left_out_with_a_note(tmp_path: Path, capsys: Captured) -> None:
    """It could add a constraint. A name with a space or a letter of another script is a zone."""
    zones = ["a\tmem=1T", "caf\u00e9 1", INJECTED]
    machines = [maas_machine(f"m{i}", zone={"name": zone}) for i, zone in enumerate(zones)]

    status, site = site_of(machines, tmp_path)

    assert status == 0
    written = yaml.safe_load(site.read_text("utf-8"))["machines"]
    assert [written[name].get("zone") for name in ("m0", "m1", "m2")] == [None, zones[1], None]
    assert capsys.readouterr().err.count("the zone of ") == 2


@pytest.mark.parametrize("field", ["hostname", "status_name", "system_id"])
@pytest.mark.parametrize("half", ["\ud800", "a\udfffb"])
def test_half_of_a_surrogate_pair_is_refused(
    half: str, field: str, tmp_path: Path, capsys: Captured
) -> None:
    """In any field, with one line."""
    status, site = site_of([{"hostname": "m1", field: half}], tmp_path)

    assert (status, site.exists()) == (2, False)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"botlab: {tmp_path}/maas.json: ")


@pytest.mark.parametrize(
    ("hosts", "names"),
    [
        (["a.b", "a-b"], ["a-b-2", "a-b"]),
        (["A_1", "a.1", "a-1-2", "a..1"], ["a-1", "a-1-3", "a-1-2", "a--1"]),
        (["---", "m", "."], ["m-2", "m", "m-3"]),
        (["n" * 70, "n" * 71], ["n" * 60, f"{'n' * 60}-2"]),
    ],
)
def test_host_names_that_become_equal_get_different_machine_names(
    hosts: list[str], names: list[str], tmp_path: Path
) -> None:
    """A host name that is a valid machine name stays. The tags differ too."""
    status, site = site_of([{"hostname": host} for host in hosts], tmp_path)

    machines = yaml.safe_load(site.read_text("utf-8"))["machines"]
    assert (status, list(machines)) == (0, names)
    assert len({machine["tags"][0] for machine in machines.values()}) == len(hosts)
    assert main(["validate", str(site)]) == 0


@pytest.mark.parametrize("host", ["h{}.", "x.{}", "n" * 70 + "{}", "."])
def test_steps_grow_with_the_number_of_machines_only(host: str) -> None:
    """Also where all names become equal: twice the machines take about twice the comparisons."""
    steps = [counted_steps(host, count) for count in (500, 1000)]

    assert steps[1] < 2.5 * steps[0]


def counted_steps(host: str, count: int) -> int:
    """Return the number of steps of Python in the functions that propose a site."""
    hosts = [host.format(number) if "{" in host else "." * (number + 1) for number in range(count)]
    dump = Dump(json.dumps([{"hostname": name} for name in hosts]), "m.json")
    inventory = inventory_of_dumps([dump], "m.json")
    steps = 0

    def count_line(*_: object) -> Any:
        nonlocal steps
        steps += 1
        return count_line

    sys.settrace(count_line)
    try:
        starter_values(propose(inventory, ProfileRoles(), Filters()))
    finally:
        sys.settrace(None)
    return steps
