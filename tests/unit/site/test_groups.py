"""Groups of machines, and where their faults are reported."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from botlab.assessment import Request, assess
from botlab.findings import path_text
from botlab.site.groups import expand_groups
from botlab.site.layers import merge_layers
from botlab.site.load import Layer, LoadedSite, load_site
from botlab.site.machines import Architecture
from botlab.site.number_ranges import RangeOrderError, count_texts, expand_ranges
from botlab.site.roles import Role
from helpers.assessments import assess_layer, of_rule

HEAD = """
site: lab
juju: "3.6"
kubernetes: {profile: charmed-k8s}
"""


def load(text: str) -> LoadedSite:
    """Load a site with these lines below the head."""
    return load_site([Layer(HEAD + text)])


def faults(text: str) -> dict[str, str]:
    """Return the messages about a site by their keys, without the key at their beginning."""
    messages = {path_text(finding.path): finding.message for finding in load(text).findings}
    return {key: message.removeprefix(f"{key} is ") for key, message in messages.items()}


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("gpu", ["gpu"]),
        ("gpu[0-3]", ["gpu0", "gpu1", "gpu2", "gpu3"]),
        ("gpu[8-10]x", ["gpu8x", "gpu9x", "gpu10x"]),
        ("gpu[08-10]", ["gpu08", "gpu09", "gpu10"]),
        ("gpu[0-1,4,7-8]", ["gpu0", "gpu1", "gpu4", "gpu7", "gpu8"]),
        ("r[1-2]-g[0-1]", ["r1-g0", "r1-g1", "r2-g0", "r2-g1"]),
    ],
)
def test_text_with_ranges_stands_for_texts(text: str, texts: list[str]) -> None:
    """The last range changes fastest, and zeros in front set the number of digits."""
    assert expand_ranges(text) == texts
    assert count_texts(text) == len(texts)


def test_large_range_is_counted_without_making_its_texts() -> None:
    """A hostile file costs nothing."""
    assert count_texts("a[0-999999999]b[0-999999999]") == 10**18


def test_range_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(RangeOrderError, match="has the range 7-0, which ends before it starts"):
        expand_ranges("gpu[7-0]")


def test_machines_of_a_group_have_their_own_tags_and_addresses() -> None:
    """Tags without a range are shared, and all other keys are those of the group."""
    site = load(
        'groups: {"gpu[0-1]": {tags: ["gpu[0-1]", farm], roles: [worker], gpu: true, arch: arm64,'
        ' zone: a, constraints: mem=8G, addresses: ["10.0.0.[8-9]", "fd00::[1-2]"]}}'
    ).site

    assert site is not None
    machine = site.machines["gpu1"]
    assert list(site.machines) == ["gpu0", "gpu1"]
    assert machine.tags == ["gpu1", "farm"]
    assert [str(address) for address in machine.addresses] == ["10.0.0.9", "fd00::2"]
    assert (machine.roles, machine.gpu, machine.arch) == ([Role.WORKER], True, Architecture.ARM64)
    assert (machine.zone, machine.constraints) == ("a", "mem=8G")


def test_own_entry_overrides_keys_and_keeps_the_position_in_the_group() -> None:
    """The numbers of the bundle's machines do not change when a key is overridden."""
    site = load(
        'groups: {"gpu[0-2]": {tags: ["gpu[0-2]"], gpu: true, constraints: mem=8G}}\n'
        "machines: {gpu1: {constraints: mem=16G}, node0: {tags: [node0]}}"
    ).site

    assert site is not None
    assert list(site.machines) == ["node0", "gpu0", "gpu1", "gpu2"]
    assert site.machines["gpu1"].constraints == "mem=16G"
    assert (site.machines["gpu1"].tags, site.machines["gpu1"].gpu) == (["gpu1"], True)
    assert site.machines["gpu2"].constraints == "mem=8G"


def test_site_without_groups_keeps_its_machines() -> None:
    site = load("machines: {node0: {tags: [node0]}}").site

    assert site is not None
    assert expand_groups(site.machines, {}) == site.machines


def test_all_faults_of_groups_are_reported_at_their_keys_in_one_run() -> None:
    """Also when another key of a group has a wrong type."""
    assert faults(
        "groups:\n"
        '  a[0-2]: {tags: ["a[0-1]"], addresses: ["10.0.0.[1-2]", 10.0.0.9], gpu: perhaps}\n'
        '  a[2-3]: {tags: ["a[3-2]"], addresses: ["10.0.0.[255-256]"]}\n'
        "  -b[1-2]: {}\n"
        "  c[2-1]: {}\n"
    ) == {
        'groups."a[0-2]".gpu': "'perhaps', but it should be true or false",
        'groups."c[2-1]"': "groups has the key 'c[2-1]', which has the range 2-1, which ends"
        " before it starts; write the lower number first",
        'groups."a[0-2]".tags[0]': "'a[0-1]', which has 2 values for"
        " the 3 machines of the group; write as many values as machines",
        'groups."a[0-2]".addresses[0]': "'10.0.0.[1-2]', which"
        " has 2 values for the 3 machines of the group; write as many values as machines",
        'groups."a[0-2]".addresses[1]': "'10.0.0.9', which has"
        " 1 value for the 3 machines of the group; write as many values as machines",
        'groups."a[2-3]"': "groups has the key 'a[2-3]', which names a2, which a[0-2]"
        " names, too; name it once",
        'groups."a[2-3]".tags[0]': "'a[3-2]', which has the range 3-2,"
        " which ends before it starts; write the lower number first",
        'groups."a[2-3]".addresses[0]': "'10.0.0.[255-256]',"
        " which names 10.0.0.256, which is not an IP address",
        'groups."-b[1-2]"': "groups has the key '-b[1-2]', which names -b1, which is not"
        " a machine name",
    }


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ("groups: {gpu0: {}}", "groups.gpu0", "not the name of a group"),
        ('groups: {"g[0-]": {}}', 'groups."g[0-]"', "not the name of a group"),
        ('groups: {"g[0-1]": {tags: [a b]}}', 'groups."g[0-1]".tags[0]', "not a tag"),
        ('groups: {"g[0-300000]": {}}', 'groups."g[0-300000]"', "has more than 200,000 machines"),
        (
            'groups: {"g[1-150000]": {}, "h[1-150000]": {}}',
            "groups",
            "have more machines than the 200,000 that botlab accepts",
        ),
        ("groups: {}\nmachines: {}", "machines", "should not be empty"),
        ("groups: {}", "machines", "the key machines is missing"),
        ("machines: {}", "machines", "should not be empty"),
    ],
)
def test_group_that_is_wrong_is_refused(text: str, key: str, reason: str) -> None:
    messages = faults(text)

    assert reason in messages[key]


def test_rule_about_a_machine_of_a_group_names_the_key_of_the_group(tmp_path: Path) -> None:
    """A key that the machine overrides has the line of the machine."""
    file = tmp_path / "site.yaml"
    groups = {"gpu[0-2]": {"tags": ["farm"], "roles": ["worker"]}}
    document = {
        **yaml.safe_load(HEAD),
        "groups": groups,
        "machines": {"gpu1": {"tags": ["gpu1", "farm"]}, "gpu2": {"tags": ["farm"]}},
    }
    file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")

    findings = [finding for finding in assess(Request(file)).findings if finding.id == "BL027"]

    assert [path_text(finding.path) for finding in findings] == [
        'groups."gpu[0-2]".tags',
        "machines.gpu2.tags",
    ]
    assert findings[0].fix.endswith('and write tags: ["gpu[0-2]"]')
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[findings[0].line - 1].strip() == "tags:"
    assert findings[0].line < findings[1].line


def test_wrong_role_of_a_group_has_no_consequences() -> None:
    """The rule about missing roles stays silent when a role of a group could not be read."""
    loaded = load('groups: {"g[0-1]": {roles: [worke]}}')

    assert loaded.is_dropped("machines.*.roles")
    assert not loaded.is_dropped("machines.*.gpu")


@pytest.mark.parametrize(
    ("sections", "path"),
    [
        ("workers: {big: {constraints: cores=x}}", "workers.big.constraints"),
        (
            'groups: {"gpu[0-1]": {constraints: cores=x}}\nworkers: {big: {constraints: mem=1G}}',
            'groups."gpu[0-1]".constraints',
        ),
    ],
)
def test_finding_about_constraints_is_where_the_file_has_them(
    sections: str, path: str, tmp_path: Path
) -> None:
    """A machine can have them from its group or from its entry of `workers`."""
    machines = {"gpu[0-1]": {"tags": ["gpu[0-1]"], "roles": ["worker"], "workers": "big"}}
    layer = merge_layers({"groups": machines}, yaml.safe_load(sections))
    findings = of_rule(assess_layer(tmp_path, layer).findings, "J022")

    assert {path_text(finding.path) for finding in findings} == {path}
