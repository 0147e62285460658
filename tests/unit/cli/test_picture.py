"""The command `botlab picture`: files, formats, errors, and a model in memory."""

from __future__ import annotations

import dataclasses
import json
import os
import stat
from pathlib import Path

import pytest

from botlab.cli import main
from botlab.cli.commands import picture
from botlab.cli.parser import build_parser
from botlab.errors import BotlabError
from botlab.render.marker import read_mark
from helpers.live_models import EXAMPLES, FakeModel, connection_to
from helpers.maas_dump import maas_machine
from helpers.pictured_labs import status_in_all_states

BUNDLE = EXAMPLES / "botlab" / "bundle.yaml"
SITE = EXAMPLES / "botlab" / "site.yaml"
Captured = pytest.CaptureFixture[str]


def site_in(directory: Path) -> Path:
    """Return a copy of the example's site file."""
    path = directory / "site.yaml"
    path.write_text(SITE.read_text(encoding="utf-8"), encoding="utf-8")
    return path


def live(*arguments: str) -> int:
    """Run the command with a model in memory."""
    args = build_parser().parse_args(["picture", "--live", *arguments])
    return picture.run(args, connection_to(FakeModel([status_in_all_states()])))


def test_picture_of_a_site_is_written_beside_it(tmp_path: Path, capsys: Captured) -> None:
    """It has the site's name, and a mark. The second run changes nothing."""
    site = site_in(tmp_path)

    assert main(["picture", str(site)]) == 0
    text = (tmp_path / "botlab.svg").read_text(encoding="utf-8")
    assert main(["picture", str(site)]) == 0

    assert text == (tmp_path / "botlab.svg").read_text(encoding="utf-8")
    assert text.splitlines()[1:3] == [
        "<!-- Made from the site file: change that, not this. -->",
        '<svg class="picture" width="1152" height="1545" viewBox="0 0 1152 1545" role="img"'
        ' xmlns="http://www.w3.org/2000/svg">',
    ]
    mark = read_mark(text)
    assert mark is not None
    assert not mark.is_edited
    assert capsys.readouterr().out.splitlines() == [
        f"{tmp_path}/botlab.svg: written; 1152 x 1545 pixels",
        f"{tmp_path}/botlab.svg: unchanged; 1152 x 1545 pixels",
    ]


@pytest.mark.parametrize(
    ("options", "start"),
    [
        (("-o", "x.svg"), "<svg "),
        (("-o", "x.html"), "<!DOCTYPE html>"),
        (("-o", "x.HTM"), "<!DOCTYPE html>"),
        (("-o", "x.txt", "--format", "html"), "<!DOCTYPE html>"),
        (("-o", "x.html", "--format", "svg"), "<svg "),
    ],
)
def test_ending_or_option_chooses_the_format(
    options: tuple[str, ...], start: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["picture", str(SITE), *options]) == 0

    (file,) = tmp_path.iterdir()
    assert file.read_text(encoding="utf-8").splitlines()[2].startswith(start)


def test_picture_of_a_bundle_is_printed(capsys: Captured) -> None:
    """Its charms need not exist. The title is the name of its directory."""
    assert main(["picture", str(BUNDLE), "--juju", "2.6", "-o", "-"]) == 0

    text = capsys.readouterr().out
    assert "<title>botlab</title>" in text
    assert "<!-- Made from the bundle: change that, not this. -->" in text


def test_themes_differ(capsys: Captured) -> None:
    texts: list[str] = []
    for theme in ("light", "dark"):
        main(["picture", str(SITE), "--theme", theme, "-o", "-"])
        texts.append(capsys.readouterr().out)

    assert ".background { fill: #f4f5f7; }" in texts[0]
    assert ".background { fill: #14171b; }" in texts[1]


def test_every_machine_has_a_card(tmp_path: Path, capsys: Captured) -> None:
    site = str(EXAMPLES / "two-racks" / "site.yaml")

    counts: list[int] = []
    for options in ((), ("--every-machine",)):
        assert main(["picture", site, "-o", "-", *options]) == 0
        counts.append(capsys.readouterr().out.count('class="part part-machine"'))
    assert counts == [5, 40]


def test_hardware_that_maas_knows_is_drawn(tmp_path: Path, capsys: Captured) -> None:
    dump = tmp_path / "machines.json"
    dump.write_text(json.dumps([maas_machine("node0", "node0", cpu_count=48)]), encoding="utf-8")

    assert main(["picture", str(SITE), "--maas", str(dump), "-o", "-"]) == 0

    assert ">48 cores · 64 GiB memory</text>" in capsys.readouterr().out


def test_file_of_somebody_is_kept(tmp_path: Path, capsys: Captured) -> None:
    """With --force, it is kept under another name."""
    output = tmp_path / "lab.svg"
    output.write_text("<svg/>", encoding="utf-8")

    assert main(["picture", str(SITE), "-o", str(output)]) == 2
    assert "was not written by botlab" in capsys.readouterr().err
    assert main(["picture", str(SITE), "-o", str(output), "--force"]) == 0

    assert (tmp_path / "lab.svg.orig").read_text(encoding="utf-8") == "<svg/>"


def test_edited_picture_is_kept(tmp_path: Path, capsys: Captured) -> None:
    output = tmp_path / "lab.html"
    main(["picture", str(SITE), "-o", str(output)])
    output.write_text(output.read_text(encoding="utf-8") + "<p>x</p>", encoding="utf-8")

    assert main(["picture", str(SITE), "-o", str(output)]) == 2
    assert "was edited after botlab wrote it" in capsys.readouterr().err


def test_mode_and_link_of_a_file_are_kept(tmp_path: Path) -> None:
    link, output = tmp_path / "link.svg", tmp_path / "lab.svg"
    main(["picture", str(SITE), "-o", str(output)])
    output.chmod(0o600)
    link.symlink_to(output)

    assert main(["picture", str(SITE), "-o", str(link), "--theme", "dark"]) == 0

    assert link.is_symlink()
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    assert "#14171b" in output.read_text(encoding="utf-8")


def test_device_is_refused(tmp_path: Path, capsys: Captured) -> None:
    os.mkfifo(tmp_path / "lab.svg")

    assert main(["picture", str(SITE), "-o", str(tmp_path / "lab.svg")]) == 2
    assert "is not a regular file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "FILE is missing; name a site or a bundle, or add --live"),
        ((str(SITE), "--model", "x"), "--model and --controller need --live"),
        (("--live", "--layer", "x.yaml"), "--layer, --overlay and --charms need the site"),
        (("--live", "--maas", "x.json"), "--maas is for a lab that does not run"),
        (
            (str(BUNDLE), "--juju", "2.6", "--maas", "x.json"),
            "is a bundle, but --maas needs a site",
        ),
        ((str(SITE), "-o", "lab.jpg"), "lab.jpg: ends in none of .svg, .html and .png"),
        ((str(SITE), "-o", "lab.htmx"), "lab.htmx: ends in none of .svg, .html and .png"),
        ((str(SITE), "-o", "lab"), "lab: ends in none of"),
        ((str(SITE), "-o", "-", "--format", "png"), "a PNG is not text; name a file"),
        ((str(SITE), "-o", str(SITE), "--format", "svg"), "is read by this command"),
    ],
)
def test_arguments_that_do_not_fit_are_an_error(
    arguments: tuple[str, ...], message: str, capsys: Captured
) -> None:
    assert main(["picture", *arguments]) == 2

    assert message in capsys.readouterr().err


def test_site_with_errors_is_not_drawn(tmp_path: Path, capsys: Captured) -> None:
    site = site_in(tmp_path)
    site.write_text(site.read_text("utf-8").replace("roles: [etcd, worker]", "roles: [cook]"))

    assert main(["picture", str(site)]) == 1

    errors = capsys.readouterr().err
    assert "machines.node1.roles" in errors
    assert errors.endswith(f"{site}: no picture was drawn\n")
    assert [path.name for path in tmp_path.iterdir()] == ["site.yaml"]


def test_bundle_that_juju_cannot_plan_is_not_drawn(tmp_path: Path, capsys: Captured) -> None:
    bundle = tmp_path / "lab.yaml"
    bundle.write_text(
        "applications:\n  a: {charm: a, num_units: 1, to: [b]}\n"
        "  b: {charm: b, num_units: 1, to: [a]}\n"
    )

    assert main(["picture", str(bundle), "--juju", "3.6"]) != 0
    assert "cycle" in capsys.readouterr().err


def test_running_lab_is_drawn_with_its_site(tmp_path: Path, capsys: Captured) -> None:
    """The status is 0, also for a lab that is not ready."""
    output = tmp_path / "lab.svg"

    assert live(str(SITE), "-o", str(output)) == 0

    text = output.read_text(encoding="utf-8")
    assert "<!-- Made from the model: change that, not this. -->" in text
    assert ">node2</text>" in text
    assert 'class="sign-blocked"' in text
    assert capsys.readouterr().out.startswith(f"{output}: written; ")


def test_running_model_is_drawn_without_a_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file has the name of the model, in the current directory."""
    monkeypatch.chdir(tmp_path)

    assert live() == 0

    assert [path.name for path in tmp_path.iterdir()] == ["botlab.svg"]


@pytest.mark.parametrize(
    ("name", "file"), [("../x", "x.svg"), ("a\nb/c", "a-b-c.svg"), ("..", "lab.svg")]
)
def test_name_of_a_model_is_no_path(
    name: str, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    status = dataclasses.replace(status_in_all_states(), name=name)
    args = build_parser().parse_args(["picture", "--live"])

    assert picture.run(args, connection_to(FakeModel([status]))) == 0

    assert [path.name for path in tmp_path.iterdir()] == [file]


def test_running_lab_of_a_site_with_errors_is_not_drawn(tmp_path: Path) -> None:
    site = site_in(tmp_path)
    site.write_text(site.read_text("utf-8").replace("roles: [etcd, worker]", "roles: [cook]"))

    with pytest.raises(BotlabError, match="run `botlab validate "):
        live(str(site))
