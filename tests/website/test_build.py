"""The build of a site: its mistakes, and its output."""

from __future__ import annotations

import re
from pathlib import Path

from helpers.small_site import PAGES, run_build, write_checkout


def files_of(directory: Path) -> dict[str, bytes]:
    """Return the content of all files below a directory."""
    paths = (path for path in directory.rglob("*") if path.is_file())
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in paths}


def test_same_pages_give_the_same_bytes(tmp_path: Path) -> None:
    """In whatever directory they are, and in whatever order Python iterates over sets."""
    sites = []
    for seed in ("1", "2"):
        root = write_checkout(tmp_path / f"checkout{seed}")
        output = tmp_path / f"output{seed}"
        done = run_build(root, output, seed)
        assert done.returncode == 0, done.stderr
        assert done.stdout == f"The site is in {output}/html/index.html\n"
        sites.append(files_of(output / "html"))

    assert sites[0] == sites[1]
    assert {"index.html", "how-to/index.html", "commands/plan.html", "search.html"} <= set(
        sites[0]
    )
    links = (tmp_path / "output1/external-links.txt").read_text().splitlines()
    assert "https://maas.io/docs" in links


def test_all_mistakes_are_reported_in_one_run(tmp_path: Path) -> None:
    mistakes = {
        "docs/how-to/arm64.md": "# A\n\n[b](none.md)\n[c](../commands.md#none)\n[d](none.yaml)\n",
        "docs/how-to/proxy.md": "# B\n",
        "docs/how-to/README.md": PAGES["docs/how-to/README.md"] + "- [x](none.md)\n",
    }
    done = run_build(write_checkout(tmp_path / "checkout", mistakes), tmp_path / "output")

    assert done.returncode != 0
    assert "The site is in" not in done.stdout
    for place, mistake in (
        ("how-to/arm64.md:3", "cross-reference target not found: '../files/docs/how-to/none.md'"),
        ("how-to/arm64.md:3", "local id not found in doc 'commands': 'none'"),
        (
            "how-to/arm64.md:3",
            "cross-reference target not found: '../files/docs/how-to/none.yaml'",
        ),
        ("how-to/proxy.md", "document isn't included in any toctree"),
        ("how-to/index.md", "toctree contains reference to nonexisting document 'files/docs"),
    ):
        assert re.search(f"{re.escape(place)}[^\n]*{re.escape(mistake)}", done.stderr), done.stderr
