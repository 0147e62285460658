"""The files of a profile: none outside of its directory is read, no mistyped one is ignored."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from botlab.findings import Finding
from botlab.own_profiles import layout
from botlab.own_profiles.reader import read_profiles
from helpers.own_profiles import COMPLETE, FACTS, SMALLEST, TEMPLATE, write_profile

ETCD = "name: etcd\n"


def faults(directory: Path) -> list[Finding]:
    """Return the findings about the profiles of a directory."""
    return [finding for own in read_profiles(directory) for finding in own.findings]


def entries(directory: Path) -> list[tuple[str, str]]:
    """Return the id and the file of each finding."""
    return [
        (fault.id, str(Path(fault.file).relative_to(directory))) for fault in faults(directory)
    ]


def complete_profile(directory: Path) -> Path:
    """Write a profile with a template and a catalogue."""
    return write_profile(directory, COMPLETE, template=TEMPLATE, charms={"k8s": FACTS})


@pytest.mark.parametrize(
    "file", ["profile.yaml", "bundle.yaml.j2", "parts.j2", "catalogue/k8s.yaml", "offline.yaml"]
)
def test_file_that_is_a_link_out_of_the_profile_is_refused(tmp_path: Path, file: str) -> None:
    """Otherwise a profile of other people could show any file of the user."""
    home = complete_profile(tmp_path / "profiles")
    outside = tmp_path / "outside"
    outside.write_text("secret: hidden\n", encoding="utf-8")
    (home / file).unlink(missing_ok=True)
    (home / file).symlink_to(outside)

    (fault, *others) = faults(tmp_path / "profiles")
    assert (fault.id, fault.file, others) == ("PF001", str(home / file), [])
    assert "is a link that leads out of the directory" in fault.message
    assert "hidden" not in fault.message
    assert fault.fix == "copy the file into the directory of the profile"


def test_catalogue_that_is_a_link_out_of_the_profile_is_refused(tmp_path: Path) -> None:
    home = write_profile(tmp_path / "profiles")
    (home / "catalogue").rmdir()
    (tmp_path / "facts").mkdir()
    (tmp_path / "facts/etcd.yaml").write_text("password: hidden\n", encoding="utf-8")
    (home / "catalogue").symlink_to(tmp_path / "facts")

    assert entries(tmp_path / "profiles") == [("PF001", "mine/catalogue")]


def test_link_to_a_file_of_another_profile_is_refused(tmp_path: Path) -> None:
    """A kit has only the profile of its site."""
    other = write_profile(tmp_path, SMALLEST.replace("mine", "other"), name="other")
    (other / "catalogue/etcd.yaml").write_text(ETCD, encoding="utf-8")
    home = write_profile(tmp_path)
    (home / "catalogue/etcd.yaml").symlink_to("../../other/catalogue/etcd.yaml")

    assert entries(tmp_path) == [("PF001", "mine/catalogue/etcd.yaml")]


def test_links_within_a_profile_are_followed(tmp_path: Path) -> None:
    """The directory of the profile can be a link, too."""
    home = complete_profile(tmp_path / "elsewhere")
    (home / "catalogue").rename(home / "facts")
    (home / "catalogue").symlink_to("facts")
    (home / "parts.j2").symlink_to("bundle.yaml.j2")
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/mine").symlink_to(home)

    assert faults(tmp_path / "profiles") == []


@pytest.mark.parametrize("name", ["offline.yaml", "parts.j2", "catalogue/etcd.yaml"])
def test_link_to_nothing_is_not_taken_for_a_missing_file(tmp_path: Path, name: str) -> None:
    home = complete_profile(tmp_path)
    (home / name).symlink_to("nothing")

    (fault,) = faults(tmp_path)
    assert fault.message == f"{home / name}: is a link to a file that does not exist"


def test_catalogue_that_is_no_directory_is_a_fault(tmp_path: Path) -> None:
    for name, target in (("broken", "nothing"), ("file", "profile.yaml"), ("loop", "catalogue")):
        home = write_profile(tmp_path, SMALLEST.replace("mine", name), name=name)
        (home / "catalogue").rmdir()
        (home / "catalogue").symlink_to(target)

    assert [fault.message.partition(": ")[2] for fault in faults(tmp_path)] == [
        "is a link to a file that does not exist",
        "cannot be read: Not a directory",
        "cannot be read: Too many levels of symbolic links",
    ]


def test_profile_that_is_a_link_to_nothing_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "mine").symlink_to("nothing")

    assert ("PF001", "mine") in entries(tmp_path)


def test_pipe_among_the_templates_is_a_fault(tmp_path: Path) -> None:
    home = complete_profile(tmp_path)
    os.mkfifo(home / "parts.j2")

    assert entries(tmp_path) == [("PF001", "mine/parts.j2")]


def test_imported_template_is_checked_without_a_bundle(tmp_path: Path) -> None:
    home = complete_profile(tmp_path)
    (home / "parts.j2").write_text("\n{% include 'x' %}", encoding="utf-8")

    assert entries(tmp_path) == [("PF020", "mine/parts.j2")]


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("ofline.yaml", "rename it to offline.yaml"),
        ("offline.yml", "rename it to offline.yaml"),
        ("Offline.YAML", "rename it to offline.yaml"),
        ("bundle.yml.j2", "rename it to bundle.yaml.j2, or remove it"),
        ("my parts.j2", "use letters, digits, dots, hyphens and underscores"),
        ("catalogue/etcd.yml", "rename it to etcd.yaml"),
    ],
)
def test_file_that_would_not_be_read_because_of_its_name_is_a_fault(
    tmp_path: Path, name: str, fix: str
) -> None:
    home = write_profile(tmp_path)
    (home / name).touch()

    (fault,) = faults(tmp_path)
    assert (fault.id, fault.file, fault.fix) == ("PF007", str(home / name), fix)


def test_misspelt_catalogue_is_a_fault(tmp_path: Path) -> None:
    home = write_profile(tmp_path)
    (home / "catalogue").rename(home / "catalog")

    (fault,) = faults(tmp_path)
    assert fault.fix == "rename it to catalogue"


@pytest.mark.parametrize("name", ["README.md", ".profile.yaml.swp", "profile.yaml~", "tests/"])
def test_other_files_are_left_alone(tmp_path: Path, name: str) -> None:
    home = write_profile(tmp_path)
    if name.endswith("/"):
        (home / name).mkdir()
    else:
        (home / name).touch()

    assert faults(tmp_path) == []


def test_directory_with_too_many_files_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "_MOST_ENTRIES", 3)
    home = write_profile(tmp_path)
    for number in range(4):
        (home / f"catalogue/c{number}.yaml").touch()

    (fault,) = faults(tmp_path)
    assert fault.message == f"{home}/catalogue: has more than 3 entries; remove some"


def test_profile_with_too_large_files_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file may have 1 MiB, but many of them take long to read."""
    monkeypatch.setattr(layout, "LARGEST_PROFILE", 1000)
    home = complete_profile(tmp_path)
    for number in range(2):
        (home / f"catalogue/c{number}.yaml").write_text("#" * 600, encoding="utf-8")

    assert f"{home}: has files of more than 0 MiB, so they were not read" in [
        fault.message for fault in faults(tmp_path)
    ]
