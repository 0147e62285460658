#!/usr/bin/env python3
"""A small unit agent: unpacks a packed charm and runs its hooks and actions as Juju does.

The file that is run and its environment depend on the Juju version. Before 2.8 it is `hooks/NAME`
where that exists; from 2.8 on it is `dispatch` (JUJU_DISPATCH_PATH is set from 2.7 on). What is
missing is Juju itself: there is no controller, no agent process and no order of hooks.

Standard library and Python 3.6: this runs on any machine of the tests.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import zipfile

from helpers.juju.calls import HookToolServer
from helpers.juju.hook_tools import TOOLS

HOOK_TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hooktool.sh")
USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin"
# What Juju stores only when a hook or an action has ended well (uniter/runner/context, Flush).
COMMITTED_LATE = ("relations", "secrets", "secret-labels")
VERSIONS = {"2.6": "2.6.10", "2.8": "2.8.13", "2.9": "2.9.51", "3.6": "3.6.9", "4.0": "4.0.0"}


class Unit:
    """One unit in a directory, with the subdirectories `charm`, `state` and `tools`.

    Args:
        folder: The directory of the unit.
        name: The unit's name.
        juju: The Juju release, a key of VERSIONS.
        environment: Variables to add to the environment of the charm.
        python: The directory of the machine's `python3`; empty for the one on PATH.
    """

    def __init__(self, folder, name="nvidia-runtime/0", juju="2.9", environment=None, python=""):
        self.folder, self.name, self.juju = folder, name, juju
        self.environment = dict(environment or {})
        self._python = python
        self.charm = os.path.join(folder, "charm")
        self.state = os.path.join(folder, "state")

    def unpack(self, archive, config=None):
        """Unpack an archive as an agent does, with file modes; options get their defaults."""
        os.makedirs(self.state, exist_ok=True)
        with zipfile.ZipFile(archive) as packed:
            for entry in packed.infolist():
                packed.extract(entry, self.charm)
                mode = entry.external_attr >> 16
                os.chmod(os.path.join(self.charm, entry.filename), mode & 0o777)
        self.install_tools(os.path.join(self.folder, "tools"))
        self.configure(config or {})
        return self

    @staticmethod
    def install_tools(directory):
        """Install the hook tools."""
        os.makedirs(directory, exist_ok=True)
        for tool in TOOLS:
            shutil.copy(HOOK_TOOL, os.path.join(directory, tool))
            os.chmod(os.path.join(directory, tool), 0o755)

    def configure(self, options):
        """Set options; the others get the defaults of config.yaml."""
        defaults = _defaults(os.path.join(self.charm, "config.yaml"))
        self.put("config", dict(defaults, **options))

    def put(self, name, content):
        """Write a part of the state."""
        with open(os.path.join(self.state, name + ".json"), "w") as file:
            json.dump(content, file)

    def get(self, name, default=None):
        """Read a part of the state."""
        try:
            with open(os.path.join(self.state, name + ".json")) as file:
                return json.load(file)
        except FileNotFoundError:
            return default

    def status(self):
        """Return the status and its message as one text."""
        status = self.get("status", {"status": "unknown", "message": ""})
        return ("%(status)s: %(message)s" % status).rstrip(": ")

    def log(self):
        """Return the log of the charm."""
        try:
            with open(os.path.join(self.state, "log")) as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def run(self, hook, extra=None, prefix=()):
        """Run a hook; return its exit status and output.

        Before 2.8, a hook that the charm does not have is not run.
        """
        return self._run("hooks/" + hook, dict(extra or {}, JUJU_HOOK_NAME=hook), prefix)

    def action(self, name, **params):
        """Run an action; return {"params", "results", "failed", "code", "output"}."""
        self.put("action", {"params": params})
        extra = {"JUJU_ACTION_NAME": name, "JUJU_ACTION_UUID": "1", "JUJU_ACTION_TAG": "action-1"}
        code, output = self._run("actions/" + name, extra, ())
        return dict(self.get("action"), code=code, output=output)

    def _run(self, path, extra, prefix):
        has_dispatch = self.juju != "2.6"
        program = os.path.join(self.charm, "dispatch" if has_dispatch else path)
        if not os.path.exists(program):
            return 0, ""
        environment = self._environment(extra)
        if "-storage-" in path:
            environment["JUJU_STORAGE_ID"] = min(self.get("storages", {"none/0": ""}))
        if has_dispatch:
            environment["JUJU_DISPATCH_PATH"] = path
        before = {name: self.get(name) for name in COMMITTED_LATE}
        with HookToolServer(environment, TOOLS) as port:
            done = subprocess.run(
                [*prefix, program],
                cwd=self.charm,
                env=dict(environment, UNIT_TOOLS=str(port)),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        if done.returncode:
            self._discard_changes(before)
        return done.returncode, done.stdout.decode("utf-8", "replace")

    def _discard_changes(self, before):
        """Forget what a failed hook or action has written, as Juju does."""
        for name, content in before.items():
            if content is not None:
                self.put(name, content)
            elif os.path.exists(os.path.join(self.state, name + ".json")):
                os.remove(os.path.join(self.state, name + ".json"))

    def _environment(self, extra):
        path = [os.path.join(self.folder, "tools"), self._python]
        path += [self.environment.get("PATH", USUAL_PATH)]
        variables = {
            "JUJU_UNIT_NAME": self.name,
            "JUJU_MODEL_NAME": "lab",
            "JUJU_MODEL_UUID": "00000000-0000-0000-0000-000000000000",
            "JUJU_VERSION": VERSIONS[self.juju],
            "JUJU_CHARM_DIR": self.charm,
            "CHARM_DIR": self.charm,
            "JUJU_MACHINE_ID": "0",
            "JUJU_PRINCIPAL_UNIT": "kubernetes-worker/0",
            "JUJU_CONTEXT_ID": "test",
            "JUJU_CHARM_HTTP_PROXY": "",
            "UNIT_STATE": self.state,
            "LANG": "C.UTF-8",
            "HOME": "/root",
        }
        variables.update(self.environment)
        variables.update(extra)
        variables["PATH"] = ":".join(part for part in path if part)
        return variables


def _defaults(path):
    """Read the defaults of config.yaml without a YAML library; ours have one simple form."""
    defaults, option = {}, ""
    with open(path) as file:
        for line in file:
            if line.startswith("  ") and line[2] not in " \n#":
                option = line.strip().rstrip(":")
            elif line.startswith("    default: "):
                defaults[option] = _scalar(line.partition(": ")[2].strip())
    return defaults


def _scalar(text):
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.lstrip("-").isdigit() else text.strip("'\"")


def main(argv=None):
    """Run hooks or an action of a unit from the shell; print the outcome of each as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--archive", help="unpack this archive first")
    parser.add_argument("--name", default="nvidia-runtime/0")
    parser.add_argument("--juju", default="2.9", choices=sorted(VERSIONS))
    parser.add_argument("--config", default="", help="options as JSON")
    parser.add_argument(
        "--put", action="append", default=[], help="a part of the state: NAME=JSON"
    )
    parser.add_argument("--action", help="an action with its parameters as JSON: NAME={...}")
    parser.add_argument("--env", action="append", default=[], help="NAME=VALUE for the charm")
    parser.add_argument("hooks", nargs="*")
    args = parser.parse_args(argv)
    environment = dict(variable.split("=", 1) for variable in args.env)
    unit = Unit(args.folder, args.name, args.juju, environment)
    if args.archive:
        unit.unpack(args.archive)
    if args.config:
        unit.configure(json.loads(args.config))
    for part in args.put:
        name, _, text = part.partition("=")
        unit.put(name, json.loads(text))
    outcomes = []
    for hook in args.hooks:
        code, output = unit.run(hook)
        outcomes.append({"hook": hook, "code": code, "output": output, "status": unit.status()})
    if args.action:
        name, _, params = args.action.partition("=")
        outcomes.append(unit.action(name, **json.loads(params or "{}")))
    json.dump(outcomes, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
