"""Lines of the administrator in the files of exports."""

from __future__ import annotations

from pathlib import Path

import pytest

from labcharm.machine import Machine
from nfs_server.server.foreign_exports import ForeignExports, directory_of


@pytest.mark.parametrize(
    ("line", "directory"),
    [("/a b(rw)", "/a"), ('"/a b" *(rw)', "/a b"), ("/a\\040b *", "/a b"), ("  # /a *", ""),
     ("/a/ *", "/a")],
)  # fmt: skip
def test_directory_of_a_line(line: str, directory: str) -> None:
    """With the quotes, octal characters and comments of exports(5)."""
    assert directory_of(line) == directory


def test_foreign_lines_are_commented_out_and_restored(tmp_path: Path) -> None:
    """A continued line as a whole; the rest of the file stays."""
    machine = Machine(str(tmp_path))
    text = "# mine\n/nfsroot 10.0.0.1(rw) \\\n  10.0.0.2(ro)\n/else *(ro)\n"
    machine.write("/etc/exports", text)
    foreign = ForeignExports(machine, "/etc/exports.d/nfs-server.exports")
    lines = foreign.find({"/nfsroot"})
    assert [str(line) for line in lines] == ["/etc/exports line 2 exports /nfsroot"]

    foreign.comment_out({"/nfsroot"}, ["/etc/exports"])

    edited = machine.read("/etc/exports")
    assert edited is not None
    assert [line for line in edited.splitlines() if not line.startswith("#")] == ["/else *(ro)"]
    assert foreign.restore()
    assert machine.read("/etc/exports") == text
    assert not foreign.restore()


def test_files_are_those_that_exportfs_reads(tmp_path: Path) -> None:
    """Without the application's own one; other names in the directory are not read."""
    machine = Machine(str(tmp_path))
    for name in ("a.exports", "nfs-server.exports", "b.conf", "c.exports~"):
        machine.write(f"/etc/exports.d/{name}", "/nfsroot *(ro)\n")
    foreign = ForeignExports(machine, "/etc/exports.d/nfs-server.exports")

    assert foreign.files() == ["/etc/exports", "/etc/exports.d/a.exports"]
    lines = [str(line) for line in foreign.find({"/nfsroot"})]
    assert lines == ["/etc/exports.d/a.exports line 1 exports /nfsroot"]
