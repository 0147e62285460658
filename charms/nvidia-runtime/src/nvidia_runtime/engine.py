"""docker or containerd as a service of the machine: set, started, looked at, given back."""

import json
import os
import re
import time
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from labcharm.machine import Machine
from reconciler import containerd, docker
from reconciler.command_line import Unit, read_unit
from reconciler.docker_file import runtime_entry, same_runtime
from reconciler.settings import HOME, NAME, WISH, Wish, parse, write_wish

PROGRAM = "/usr/local/lib/nvidia-runtime"
PENDING = HOME + "/restart-pending"
ADOPTED = HOME + "/adopted-override.conf"
OVERRIDE = "/etc/systemd/system/docker.service.d/override.conf"
# The drop-in of the guide, which this charm takes the place of; compared word by word.
_GUIDE = [
    "[Service]",
    "ExecStart=",
    "ExecStart=/usr/bin/dockerd",
    "--host=fd://",
    "--add-runtime=nvidia=/usr/bin/nvidia-container-runtime",
]
# Its failure (-) and its slowness (timeout) never keep the daemon from starting.
_DROP_IN = """\
# By the charm nvidia-runtime: keeps the runtime registered when the configuration is written anew.
[Service]
ExecStartPre=-/usr/bin/timeout 2 /usr/bin/python3 -I -S -B {program} {name}
"""
_MAIN = """\
import sys

from reconciler.main import main

sys.exit(main(sys.argv[1:]))
"""
_SYSTEMD = re.compile(
    r"^(Main process exited|Failed to start|Scheduled restart|Failed with result|Start request"
    r"|Stopped|Starting|Unit entered|docker\.service|docker\.socket|containerd\.service)",
)

Applied = NamedTuple("Applied", [("problems", List[str]), ("pending", str), ("did", str)])


def find_engine(machine: Machine, source: str) -> "Optional[Engine]":
    """Return the engine that this machine's principal runs; None while there is none.

    docker brings a containerd of its own, so where both are docker is the one.
    """
    for kind in (Docker, Containerd):
        engine = kind(machine, source)
        if engine.unit().loaded:
            return engine
    return None


class Engine:
    """One engine.

    Args:
        machine: Where it runs.
        source: Folder with the packages `reconciler` and `labcharm`, for the program that
            systemd runs.
    """

    name = ""
    sockets: Tuple[str, ...] = ()
    file = ""

    def __init__(self, machine: Machine, source: str) -> None:
        self.machine = machine
        self._source = source

    # What differs between the engines.

    def _reconcile(self, wish: Wish) -> docker.Outcome:
        raise NotImplementedError

    def _give_back(self) -> bool:
        raise NotImplementedError

    def runs_as_wished(self, wish: Wish) -> bool:
        """Tell whether the running daemon has runtime and default as wished."""
        raise NotImplementedError

    def _take_in(self) -> bool:
        """Make the running daemon read its file anew; tell whether it can without a restart."""
        return False

    def _adopt(self) -> bool:
        return False

    def _unadopt(self) -> bool:
        return False

    def keeps_containers(self) -> bool:
        """Tell whether containers outlive a restart of the daemon."""
        raise NotImplementedError

    # What is the same.

    @property
    def service(self) -> str:
        """The name of its unit."""
        return self.name + ".service"

    @property
    def drop_in(self) -> str:
        """The path of our drop-in."""
        return "/etc/systemd/system/%s.d/10-nvidia-runtime.conf" % self.service

    def unit(self) -> Unit:
        """Return the unit as systemd sees it."""
        return read_unit(self.machine, self.service, {})

    def apply(self, wish: Wish, allow_restart: bool = True) -> Applied:
        """Make runtime and default as wished; write, reload or restart only where they are not."""
        before = self.machine.read(self.file)
        self._install_program()
        write_wish(self.machine, wish)
        adopted = self._adopt()
        if self.machine.write(self.drop_in, _drop_in(self.name)) or adopted:
            self._systemctl("daemon-reload")
        if adopted:
            self._mark_pending()
        outcome = self._reconcile(wish)
        wish = wish._replace(default=outcome.default)  # what its command line lets come true
        if outcome.problems and not outcome.changed and not adopted:
            return self._look(wish, outcome.problems)
        return self._make_run(wish, outcome, before, allow_restart)

    def _look(self, wish: Wish, problems: List[str]) -> Applied:
        """Nothing was changed: say what is wrong, with the daemon's own words where it is down."""
        error = "" if self.unit().active == "active" else self.last_error()
        return Applied(problems + ([error] if error else []), "", "")

    def _make_run(
        self, wish: Wish, outcome: docker.Outcome, before: Optional[str], allow_restart: bool
    ) -> Applied:
        unit = self._settled()
        pending = self.machine.exists(PENDING)
        if unit.active == "active":
            if not pending and self.runs_as_wished(wish):
                return Applied(outcome.problems, "", "")
            if not pending and self._take_in() and self.runs_as_wished(wish):
                return Applied(outcome.problems, "", "reloaded")
            if not allow_restart and not self.keeps_containers():
                told = "%s must be restarted: run the action reconcile" % self.name
                return Applied(outcome.problems, told, "")
        elif unit.active == "inactive" and not outcome.changed and not pending:
            return Applied(outcome.problems, "%s is stopped" % self.name, "")
        return self._restart(wish, outcome, before)

    def _restart(self, wish: Wish, outcome: docker.Outcome, before: Optional[str]) -> Applied:
        if self.start_anew() and self.runs_as_wished(wish):
            self.machine.remove(PENDING)
            return Applied(outcome.problems, "", "restarted")
        error = self.last_error() or "%s runs, but without the runtime" % self.name
        if not outcome.changed:
            return Applied([*outcome.problems, error], "", "")
        self._roll_back(before)
        text = "%s did not start with the runtime: %s; the old configuration is back"
        return Applied([*outcome.problems, text % (self.name, error)], "", "rolled back")

    def _roll_back(self, before: Optional[str]) -> None:
        self.machine.remove(self.drop_in)  # or it would write the same again at the next start
        if before is None:
            self.machine.remove(self.file)
        else:
            self.machine.write(self.file, before)
        self._systemctl("daemon-reload")
        self.start_anew()

    def start_anew(self) -> bool:
        """Start or restart the daemon; tell whether it runs then.

        After several failed starts systemd refuses further ones, also for the socket, until
        their counts are cleared.
        """
        self._systemctl("reset-failed", self.service, *self.sockets)
        self._systemctl("restart", self.service)
        return self._settled().active == "active"

    def _settled(self, patience: float = 20.0) -> Unit:
        """Return the unit once it is no longer about to start or stop."""
        end = time.monotonic() + patience
        unit = self.unit()
        while (
            unit.active in ("activating", "deactivating", "reloading") and time.monotonic() < end
        ):
            if unit.active == "activating" and self._between_tries():
                break
            time.sleep(0.2)
            unit = self.unit()
        return unit

    def _between_tries(self) -> bool:
        out = self.machine.run(["systemctl", "show", "--property", "SubState", self.service]).out
        return out.strip() == "SubState=auto-restart"

    def last_error(self) -> str:
        """Return the daemon's own last line before it stopped; empty when there is none."""
        journal = ["journalctl", "--unit", self.service, "--lines", "60", "--output", "cat"]
        lines = self.machine.run([*journal, "--no-pager", "--boot"], timeout=20).out.splitlines()
        own = [line.strip() for line in lines if line.strip() and not _SYSTEMD.match(line.strip())]
        words = ("unable to", "failed to", "error", "invalid", "fatal", "cannot")
        told = [line for line in own if any(word in line.lower() for word in words)]
        return (told or own or [""])[-1][:500]

    def installed(self) -> bool:
        """Tell whether drop-in and program are in place."""
        return self.machine.read(self.drop_in) == _drop_in(self.name)

    def give_back(self, allow_restart: bool = True) -> str:
        """Take us out, so that the daemon runs as it would without us; say what was done."""
        self.machine.remove(self.drop_in)
        self.machine.remove_folder(os.path.dirname(self.drop_in))
        restored = self._unadopt()
        self._systemctl("daemon-reload")
        changed = self._give_back()
        for path in (WISH, PENDING):
            self.machine.remove(path)
        self._remove_program()
        if not changed and not restored:
            return "nothing to give back"
        # A reload takes new runtimes in, but leaves those in that are gone from the file.
        active = self.unit().active
        if active == "inactive":
            return "given back; %s is stopped" % self.name
        if active == "active" and not allow_restart and not self.keeps_containers():
            return "given back; %s keeps the runtime until it is restarted" % self.name
        self.start_anew()
        return "given back"

    def _systemctl(self, *words: str) -> bool:
        return self.machine.run(["systemctl", *list(words)], timeout=120).code == 0

    def _mark_pending(self) -> None:
        self.machine.write(PENDING, self.name + "\n")

    def _install_program(self) -> None:
        wanted = dict(_program(self._source))
        for inside, text in sorted(wanted.items()):
            self.machine.write("%s/%s" % (PROGRAM, inside), text)
        for inside in self._program_files():
            if inside not in wanted:  # of an older version of this charm
                self.machine.remove("%s/%s" % (PROGRAM, inside))

    def _remove_program(self) -> None:
        for inside in self._program_files():
            self.machine.remove("%s/%s" % (PROGRAM, inside))
        for folder in (PROGRAM + "/reconciler", PROGRAM + "/labcharm", PROGRAM):
            self.machine.remove_folder(folder)

    def _program_files(self) -> List[str]:
        root = self.machine.path(PROGRAM)
        found = [os.path.join(where, name) for where, _, files in os.walk(root) for name in files]
        return sorted(os.path.relpath(path, root) for path in found)


def _drop_in(name: str) -> str:
    return _DROP_IN.format(program=PROGRAM, name=name)


def _program(source: str) -> List[Tuple[str, str]]:
    """Return the program's files: what systemd runs must not need the charm's folder."""
    found = [("__main__.py", _MAIN)]
    shared = os.path.join(source, "..", "lib")
    for folder, home, names in (
        ("reconciler", source, None),
        ("labcharm", shared, ("__init__.py", "errors.py", "machine.py")),
    ):
        where = os.path.join(home, folder)
        for name in sorted(names or os.listdir(where)):
            if name.endswith(".py"):
                with open(os.path.join(where, name), encoding="utf-8") as file:
                    found.append(("%s/%s" % (folder, name), file.read()))
    return found


class Docker(Engine):
    """docker, under its systemd unit."""

    name = "docker"
    sockets = ("docker.socket",)
    file = docker.FILE

    def _reconcile(self, wish: Wish) -> docker.Outcome:
        return docker.reconcile(self.machine, wish, {})

    def _give_back(self) -> bool:
        return docker.give_back(self.machine)

    def info(self) -> Dict[str, Any]:
        """Return what the running dockerd says of itself; empty when it does not answer."""
        form = "{{json .}}"
        found = parse(self.machine.run(["docker", "info", "--format", form], timeout=30).out)
        return found if isinstance(found, dict) else {}

    def runs_as_wished(self, wish: Wish) -> bool:
        """Tell whether the running daemon has runtime and default as wished."""
        info = self.info()
        entry = dict((info.get("Runtimes") or {}).get(NAME) or {})
        entry.setdefault("runtimeArgs", list(wish.args))
        default = info.get("DefaultRuntime") == NAME
        return same_runtime(entry, runtime_entry(wish)) and default == wish.default

    def _take_in(self) -> bool:
        # dockerd reads runtimes and default anew on SIGHUP and keeps its containers; a fault in
        # the file is only logged, so the caller looks.
        if not self._systemctl("reload", self.service):
            return False
        time.sleep(0.5)
        return True

    def keeps_containers(self) -> bool:
        """Tell whether containers outlive a restart: there are none, or live-restore is on."""
        info = self.info()
        return bool(info.get("LiveRestoreEnabled")) or not info.get("ContainersRunning")

    def _adopt(self) -> bool:
        text = self.machine.read(OVERRIDE)
        if text is None or text.split() != _GUIDE:
            return False
        self.machine.write(ADOPTED, text)
        return self.machine.remove(OVERRIDE)

    def _unadopt(self) -> bool:
        text = self.machine.read(ADOPTED)
        if text is None:
            return False
        restored = not self.machine.exists(OVERRIDE) and self.machine.write(OVERRIDE, text)
        self.machine.remove(ADOPTED)
        return restored


class Containerd(Engine):
    """containerd as Kubernetes uses it, without docker."""

    name = "containerd"
    file = containerd.FILE

    def _reconcile(self, wish: Wish) -> docker.Outcome:
        before = self.machine.read(self.file)
        if before is None or containerd.edit(before, wish).text != before:
            self._mark_pending()  # first: if we die after the write, the restart is not forgotten
        outcome = containerd.reconcile(self.machine, wish, {})
        if not outcome.changed and outcome.problems:
            self.machine.remove(PENDING)
        return outcome

    def _give_back(self) -> bool:
        return containerd.give_back(self.machine)

    def runs_as_wished(self, wish: Wish) -> bool:
        """Tell whether containerd's effective configuration has runtime and default as wished."""
        dump = self.machine.run(["containerd", "config", "dump"], timeout=30).out
        default = re.search(r"default_runtime_name = ['\"]([^'\"]*)", dump)
        named = bool(default) and default.group(1) == NAME if default else False
        return ("BinaryName = %s" % json.dumps(wish.path) in dump.replace("'", '"')) and (
            named == wish.default
        )

    def keeps_containers(self) -> bool:
        """Containers are children of their shims, and outlive a restart."""
        return True
