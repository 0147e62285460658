"""Reading of own profiles: every fault is reported at once, with file, key and line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from botlab.catalogue.profiles import load_profile
from botlab.errors import BotlabError
from botlab.findings import Finding, path_text
from botlab.own_profiles.reader import read_library, read_profiles
from helpers.own_profiles import COMPLETE, FACTS, SMALLEST, TEMPLATE, copy_profile, write_profile


def faults(directory: Path) -> list[Finding]:
    """Return the findings about the profiles of a directory."""
    return [finding for own in read_profiles(directory) for finding in own.findings]


def places(directory: Path) -> list[tuple[str, str, str, int]]:
    """Return the id, the file, the key and the line of each finding."""
    return [
        (fault.id, str(Path(fault.file).relative_to(directory)), path_text(fault.path), fault.line)
        for fault in faults(directory)
    ]


def test_profile_that_extends_another_one_has_its_parts(tmp_path: Path) -> None:
    """Its own keys win, also within an application, and null removes one."""
    text = f"{SMALLEST}applications:\n  etcd: {{channel: 3.6/edge}}\n  cilium: null\n"
    write_profile(tmp_path, text)

    own = load_profile("mine", "", read_library(tmp_path))
    base = load_profile("charmed-k8s")
    assert own.title == "ours"
    assert own.applications["etcd"].channel == "3.6/edge"
    assert (own.applications["etcd"].role, own.applications["etcd"].x) == ("etcd", 800)
    assert list(own.applications) == [name for name in base.applications if name != "cilium"]
    assert own.charms == {name: base.charms[name] for name in own.applications}
    assert (own.template, own.is_own) == (base.template, False)


@pytest.mark.parametrize("name", ["canonical-k8s", "charmed-k8s", "existing", "k8s-1.13"])
def test_copy_of_a_profile_of_this_project_is_the_same_profile(tmp_path: Path, name: str) -> None:
    """The models of own profiles accept the files of all profiles, and lose nothing of them."""
    home = copy_profile(tmp_path, name)
    (home / "catalogue").mkdir(exist_ok=True)

    own = load_profile(f"my-{name}", "", read_library(tmp_path))
    base = load_profile(name)
    assert own.applications == base.applications
    assert own.charms == base.charms
    assert own.unused_keys == base.unused_keys
    assert own.required_roles == base.required_roles
    assert (own.juju, own.releases, own.kubernetes) == (base.juju, base.releases, base.kubernetes)
    assert own.control_plane_runs_pods == base.control_plane_runs_pods
    assert own.is_own


def test_all_faults_of_a_file_are_reported_at_once(tmp_path: Path) -> None:
    """With the line of the key, or of the section that lacks a key."""
    text = COMPLETE.replace("series: noble", "series: 24.04").replace("title: ours\n", "")
    text += "  etcd: {role: etc, chanel: x}\nname: again\n"
    write_profile(tmp_path, text, template=TEMPLATE, charms={"k8s": FACTS + "resources: {}\n"})

    assert places(tmp_path) == [
        ("PF005", "mine/profile.yaml", "name", 13),
        ("PF004", "mine/profile.yaml", "title", 0),
        ("PF003", "mine/profile.yaml", "series", 4),
        ("PF003", "mine/profile.yaml", "applications.etcd.role", 12),
        ("PF002", "mine/profile.yaml", "applications.etcd.chanel", 12),
        ("PF003", "mine/catalogue/k8s.yaml", "resources", 5),
    ]
    fixes = [fault.fix for fault in faults(tmp_path)]
    assert fixes[0] == "remove one of the two"
    assert fixes[1] == (
        "write, for example, Kubernetes of our lab. Title for people, in one line."
    )
    assert fixes[4] == "did you mean channel?"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "profile.yaml must be a single YAML document with a mapping of keys"),
        ("", "profile.yaml: cannot be read: No such file or directory"),
        ("a: [\n", "cannot be read as YAML"),
        ("a: &a [*a]\n", "anchor"),
        ("name: x\n---\nname: y\n", "must be a single YAML document"),
    ],
)
def test_file_that_cannot_be_read_is_a_fault(tmp_path: Path, text: str, message: str) -> None:
    write_profile(tmp_path, text, template=TEMPLATE)

    (fault, *others) = faults(tmp_path)
    assert (fault.id, others) == ("PF001", [])
    assert message in fault.message
    assert fault.file == str(tmp_path / "mine/profile.yaml")
    assert fault.fix == ("write name: lab-k8s" if "single" in message else "correct the file")


def test_files_that_are_not_regular_are_not_opened(tmp_path: Path) -> None:
    """A pipe as a template or a catalogue file would wait forever."""
    home = write_profile(tmp_path)
    os.mkfifo(home / "bundle.yaml.j2")
    os.mkfifo(home / "catalogue/etcd.yaml")

    assert [fault.message for fault in faults(tmp_path)] == [
        f"{home}/catalogue/etcd.yaml: is not a regular file; write its content to a file first",
        f"{home}/bundle.yaml.j2: is not a regular file; write its content to a file first",
    ]


def test_name_of_a_profile_of_this_project_is_refused(tmp_path: Path) -> None:
    write_profile(tmp_path, SMALLEST.replace("mine", "charmed-k8s"), name="charmed-k8s")
    write_profile(tmp_path, SMALLEST.replace("mine", "common"), name="common")
    write_profile(tmp_path, SMALLEST.replace("mine", "other"), name="renamed")

    assert places(tmp_path) == [
        ("PF006", "charmed-k8s/profile.yaml", "name", 1),
        ("PF006", "common/profile.yaml", "name", 1),
        ("PF006", "renamed/profile.yaml", "name", 1),
    ]
    assert "the directory of the profile is renamed" in faults(tmp_path)[2].message


def test_directory_whose_name_cannot_be_that_of_a_profile_must_be_renamed(tmp_path: Path) -> None:
    write_profile(tmp_path, SMALLEST, name="my lab")

    (fault,) = faults(tmp_path)
    assert fault.fix.startswith("rename the directory; use at most 63 lower-case letters")


def test_unknown_base_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    write_profile(tmp_path, COMPLETE + "extends: charmed-k8\n", charms={"k8s": FACTS})

    (fault,) = faults(tmp_path)
    assert (fault.id, path_text(fault.path), fault.line) == ("PF006", "extends", 13)
    assert fault.fix == "did you mean charmed-k8s?"


def test_profile_without_a_base_needs_a_template(tmp_path: Path) -> None:
    write_profile(tmp_path, COMPLETE, charms={"k8s": FACTS})

    assert [fault.message for fault in faults(tmp_path)] == [
        "there is no bundle.yaml.j2 beside profile.yaml"
    ]


def test_library_of_a_directory_with_faults_is_an_error_with_the_first_of_them(
    tmp_path: Path,
) -> None:
    write_profile(tmp_path, SMALLEST.replace("title: ours", "titel: ours"))

    with pytest.raises(BotlabError) as caught:
        read_library(tmp_path)
    message = f"{tmp_path}/mine/profile.yaml:3: titel is not a key of profile.yaml; the profiles"
    command = f"botlab profile check {tmp_path}"
    assert str(caught.value) == f"{message} have 1 error, which this command shows: {command}"
    assert caught.value.as_json()["line"] == 3


def test_directory_of_a_single_profile_names_the_directory_above(tmp_path: Path) -> None:
    home = write_profile(tmp_path)

    with pytest.raises(BotlabError, match=f"is a profile; name the .* which is {tmp_path}$"):
        read_library(home)


@pytest.mark.parametrize(
    ("name", "message"), [("none", "No such file"), ("file", "Not a dir"), ("empty", "0 direct")]
)
def test_directory_without_profiles_is_an_error(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()

    with pytest.raises(BotlabError, match=message):
        read_library(tmp_path / name)


def test_faults_of_the_needs_have_their_lines(tmp_path: Path) -> None:
    home = write_profile(tmp_path)
    text = "snaps:\n- {name: etcd, channel: '{channel}'}\nimage: {}\nimages: {x: []}\n"
    (home / "offline.yaml").write_text(text, encoding="utf-8")

    assert sorted(places(tmp_path)) == [
        ("PF002", "mine/offline.yaml", "image", 3),
        ("PF003", "mine/offline.yaml", "images.x", 4),
        ("PF004", "mine/offline.yaml", "snaps[0].for", 2),
    ]


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("{control-plane: 1}", "{control-plane: 1000000000}", "required-roles.control-plane"),
        ("role: control-plane}", "role: control-plane, x: 1000000000}", "applications.k8s.x"),
        ("role: control-plane}", "role: control-plane, y: -1000000000}", "applications.k8s.y"),
        ("role: control-plane}", "role: control-plane, revision: 9999999999999}",
         "applications.k8s.revision"),
        ("role: control-plane}", "role: control-plane, channel: 1.35/stabel}",
         "applications.k8s.channel"),
    ],
)  # fmt: skip
def test_value_that_no_lab_has_is_refused(tmp_path: Path, old: str, new: str, path: str) -> None:
    """The sample sites have as many machines as the profile requires."""
    assert old in COMPLETE
    profile = COMPLETE.replace(old, new)
    write_profile(tmp_path, profile, template=TEMPLATE, charms={"k8s": FACTS})

    assert [place[:3] for place in places(tmp_path)] == [("PF003", "mine/profile.yaml", path)]


@pytest.mark.parametrize(
    ("kind", "default"),
    [
        ("boolean", '"true"'),
        ("boolean", "1"),
        ("int", "true"),
        ("int", "1.5"),
        ("float", "x"),
        ("string", "true"),
        ("secret", "1"),
    ],
)
def test_default_of_an_option_has_its_type(tmp_path: Path, kind: str, default: str) -> None:
    facts = f"{FACTS}options: {{mode: {{type: {kind}, default: {default}}}}}\n"
    write_profile(tmp_path, COMPLETE, template=TEMPLATE, charms={"k8s": facts})

    (fault,) = faults(tmp_path)
    assert (fault.id, path_text(fault.path)) == ("PF003", "options.mode.default")
    assert f"not a value of the type {kind}" in fault.message


@pytest.mark.parametrize(
    ("kind", "default"),
    [("boolean", "true"), ("int", "1"), ("float", "1"), ("float", "1.5"), ("string", '""')],
)
def test_default_of_its_type_is_accepted(tmp_path: Path, kind: str, default: str) -> None:
    facts = f"{FACTS}options: {{mode: {{type: {kind}, default: {default}}}}}\n"
    write_profile(tmp_path, COMPLETE, template=TEMPLATE, charms={"k8s": facts})

    assert faults(tmp_path) == []


@pytest.mark.parametrize(
    "facts",
    [
        "endpoints: {a b: {role: provides, interface: x}}",
        "endpoints: {a: {role: provides, interface: x y}}",
        "options: {../x: {type: string}}",
        "actions: {a: [b c]}",
        "resources: [../x]",
        "storage: [a b]",
        "bases: [ubuntu 24.04]",
    ],
)
def test_name_that_no_charm_has_is_refused(tmp_path: Path, facts: str) -> None:
    charms = {"k8s": f"name: k8s\n{facts}\n"}
    write_profile(tmp_path, COMPLETE, template=TEMPLATE, charms=charms)

    (fault,) = faults(tmp_path)
    assert (fault.id, fault.line) == ("PF003", 2)


def test_number_of_faults_of_a_file_is_limited(tmp_path: Path) -> None:
    """A file with very many would take minutes."""
    text = SMALLEST + "".join(f"key{number}: 1\n" for number in range(300))
    write_profile(tmp_path, text + text.replace("key", "again"))

    ids = [fault.id for fault in faults(tmp_path)]
    assert (ids.count("PF002"), ids.count("PF005")) == (200, 3)
