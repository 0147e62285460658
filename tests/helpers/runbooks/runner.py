"""The commands of a runbook, run against the scripted client, botlab and a grammar of kubectl."""

from __future__ import annotations

import contextlib
import copy
import io
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

from botlab.catalogue.kubernetes import Version
from botlab.cli import main
from botlab.cli.parser import build_parser
from botlab.runbook.document import PLACEHOLDERS
from helpers.scripted_juju import machine_started, unit_status
from helpers.scripted_juju.client.main import main as run_juju

from .kubectl_words import kubectl_fault
from .labs import ExampleLab

# What the words of a runbook are replaced by.
WORDS = {
    "BACKUP": "easyrsa-2026.tar.gz",
    "MAAS": "admin",
    "NODE": "node-7",
    "RELEASE": "27.03",
    "SNAPSHOT": "etcd-snapshot-2026.tar.gz",
    "USER": "carol",
}
# The commands of botlab that need neither a controller nor MAAS.
_OFFLINE = ("validate", "render", "runbook")
_TAKES_CONSENT = ("destroy-model",)
# What actions end with, as far as a runbook shows it: of this project's charms, of etcd
# (actions/snapshot) and of easyrsa (actions.py).
_ANSWERS: tuple[tuple[str, dict[str, str]], ...] = (
    ("verify", {"ok": "true", "checks": "[]", "failures": "[]"}),
    ("remove-objects", {"ok": "true", "left": "[]"}),
    ("get-url", {"url": "https://10.20.0.200"}),
    ("get-credentials", {"user": "admin@lab.example", "password": "a-password"}),
    ("snapshot", {"snapshot.path": f"/home/ubuntu/etcd-snapshots/{WORDS['SNAPSHOT']}"}),
    (
        "backup",
        {"command": f"juju scp easyrsa/0:/home/ubuntu/easyrsa_backup/{WORDS['BACKUP']} ."},
    ),
)


class RefusedError(AssertionError):
    """A command of a runbook that does not work."""


class Runner:
    """Runs commands one after the other in the directory of a site.

    Args:
        lab: The site.
    """

    def __init__(self, lab: ExampleLab) -> None:
        self._lab = lab
        self._state = str(lab.juju.directory / "state")
        self._deployed: dict[str, object] = {}
        # What commands of botlab printed, which take half a second each.
        self._printed: dict[tuple[str, ...], str] = {}
        with lab.juju.state() as state:
            state["has_strict_snap"] = False

    @property
    def release(self) -> Version | None:
        """The release of Kubernetes; None for the newest."""
        site = self._lab.assessment.site
        return (1, 13) if site and site.kubernetes.profile == "k8s-1.13" else None

    def run(self, line: str) -> str:
        """Run a command, and return what it printed.

        Args:
            line: The line of the runbook.

        Raises:
            RefusedError: When the command does not work.
        """
        text = re.sub(r"\b[A-Z]{4,}\b", lambda match: WORDS.get(match[0], match[0]), line)
        with self._directory():
            return self._run(line, _words(text))

    def _run(self, line: str, words: list[str]) -> str:
        program, *arguments = words
        runners = {
            "juju": self._juju,
            "botlab": self._botlab,
            "kubectl": self._kubectl,
            "tar": self._tar,
            "rm": self._remove,
            "export": self._export,
        }
        if program not in runners:
            raise RefusedError(f"{line}: no program {program}")
        try:
            return runners[program](arguments)
        except RefusedError as error:
            raise RefusedError(f"{line}: {error}") from None

    @contextlib.contextmanager
    def _directory(self) -> Iterator[None]:
        before, home = Path.cwd(), os.environ.get("HOME", "/")
        os.chdir(self._lab.directory)
        os.environ["HOME"] = str(self._lab.juju.home)
        try:
            yield
        finally:
            os.chdir(before)
            os.environ["HOME"] = home

    # The states of the model.

    def keep_deployed(self) -> None:
        """Remember the model as it is, with all units ready."""
        juju = self._lab.juju
        juju.change(machine_started("*"), unit_status("*", "active", "Ready", agent="idle"))
        with juju.model() as model:
            for unit in model["units"]:
                path = f"/home/ubuntu/etcd-snapshots/{WORDS['SNAPSHOT']}"
                backup = f"/home/ubuntu/easyrsa_backup/{WORDS['BACKUP']}"
                model["files"][unit] = {path: "snapshot", backup: "backup"}
            streams = {"stdout": "", "stderr": "", "return_code": 0, "seconds": 0.0}
            model["command_results"].append({"target": "*", "contains": "sudo tar", **streams})
            model["secrets"] = {number: {"name": "a", "revision": 1} for number in self._secrets()}
        self._deployed = copy.deepcopy(juju.snapshot())

    def _secrets(self) -> Iterator[str]:
        site = self._lab.assessment.site
        if site and site.kubernetes.kubeconfig.startswith("secret:"):
            yield site.kubernetes.kubeconfig.removeprefix("secret:")

    def restore_deployed(self) -> None:
        """Return to the model that was remembered."""
        if self._deployed:
            with self._lab.juju.state() as state:
                state.clear()
                state.update(copy.deepcopy(self._deployed))

    # The programs.

    def _juju(self, arguments: list[str]) -> str:
        arguments, files = _without_redirections(list(map(_absolute, arguments)))
        if arguments[0] in ("run", "run-action"):
            with self._lab.juju.model() as model:
                model["action_results"] = [_result(*answer) for answer in _ANSWERS]
        consent = _consent(self._lab.juju.generation) if arguments[0] in _TAKES_CONSENT else []
        stdout, stderr = io.StringIO(), io.StringIO()
        before = len(self._lab.juju.calls)
        with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
            try:
                code = run_juju(self._state, [*arguments, *consent])
            except OSError as error:
                raise RefusedError(str(error)) from None
        violations = [call.violation for call in self._lab.juju.calls[before:] if call.violation]
        printed = stdout.getvalue() + stderr.getvalue()
        is_action = arguments[0] in ("run", "run-action")
        if code or violations or "ERROR" in printed or (is_action and not _has_run(printed)):
            raise RefusedError(f"{printed} {violations}")
        for file in files:
            file.write_text("data")
        return printed

    def _botlab(self, arguments: list[str]) -> str:
        if arguments[0] == "deploy":
            self.restore_deployed()
        key = tuple(arguments)
        if key not in self._printed:
            self._printed[key] = self._run_botlab(arguments)
        return self._printed[key]

    def _run_botlab(self, arguments: list[str]) -> str:
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            try:
                args = build_parser().parse_args(arguments)
            except SystemExit:
                raise RefusedError(output.getvalue()) from None
            code = main(arguments) if arguments[0] in _OFFLINE else 0
        if arguments[0] == "charms":
            # The command is not run, because it packs all charms.
            return self._check_charms(args.directory)
        named = getattr(args, "file", None) or getattr(args, "old", None)
        if code or not Path(named).is_file():
            raise RefusedError(output.getvalue() or f"no file {named}")
        return output.getvalue()

    def _check_charms(self, directory: str) -> str:
        """Check that the site takes the charms of botlab from the directory of a command."""
        site = self._lab.assessment.site
        if site is None or Path(directory) != Path(site.charms.own):
            raise RefusedError(f"the site has no charms in {directory}")
        return ""

    def _kubectl(self, arguments: list[str]) -> str:
        fault = kubectl_fault(arguments, [WORDS["NODE"]], self.release)
        if fault:
            raise RefusedError(fault)
        return ""

    def _tar(self, arguments: list[str]) -> str:
        done = subprocess.run(["tar", *arguments], capture_output=True, text=True, check=False)
        if done.returncode or done.stderr:
            raise RefusedError(f"{arguments}: {done.stderr}")
        return done.stdout

    def _remove(self, arguments: list[str]) -> str:
        site = self._lab.assessment.site
        if site is None or arguments != [f"{site.site}.kubeconfig"]:
            raise RefusedError(f"would remove {arguments}")
        return ""

    def _export(self, arguments: list[str]) -> str:
        site = self._lab.assessment.site
        names = ("kubeconfig", f"{site.site if site else ''}.kubeconfig")
        allowed = [[f"KUBECONFIG={self._lab.directory.resolve() / name}"] for name in names]
        if arguments not in allowed:
            raise RefusedError(f"unknown variable or file: {arguments}")
        return ""


def _result(action: str, results: dict[str, str]) -> dict[str, object]:
    """Return how the scripted client keeps the result of an action."""
    answer = {"status": "completed", "message": "", "log": [], "seconds": 0.0, "times": None}
    return {"target": "*", "action": action, "results": results, **answer}


def _words(line: str) -> list[str]:
    """Split a line as the shell does, for the forms that a runbook has."""
    key = "ssh-ed25519 KEY administrator"
    line = line.replace('"$(cat ~/.ssh/id_ed25519.pub)"', shlex.quote(key))
    line = line.replace('"$PWD"', shlex.quote(str(Path.cwd())))
    if re.search(r"[`;&]|\$[({A-Za-z]", re.sub(r"'[^']*'", "", line)):
        raise RefusedError(f"{line}: has a form that the test does not know")
    return shlex.split(line)


def _absolute(word: str) -> str:
    """Return a word with an absolute path for `./`, as the scripted client wants it."""
    start, slash, rest = word.rpartition("./")
    is_path = (
        slash
        and " " not in word
        and (not start or start.endswith("="))
        and not start.startswith("kubeconfig#")
    )
    return f"{start}{Path.cwd() / rest}" if is_path else word


def _has_run(printed: str) -> bool:
    """Return whether an action ran. The clients exit with 0 also if there is no such action."""
    return "status: completed" in printed or "Waiting for task" in printed


def _without_redirections(words: list[str]) -> tuple[list[str], list[Path]]:
    """Return the words without redirections, and the files to write."""
    kept, files = [], []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == ">":
            files.append(Path(rest.pop(0)))
        elif word == "<":
            source = Path(rest.pop(0))
            if not source.is_file():
                raise RefusedError(f"no file {source}")
        else:
            kept.append(word)
    return kept, files


def _consent(generation: str) -> list[str]:
    return ["-y"] if generation.startswith("2.") else ["--no-prompt"]


assert set(WORDS) == set(PLACEHOLDERS)
