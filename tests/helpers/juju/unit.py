#!/usr/bin/env python3
"""A unit agent in small: unpacks a packed charm and runs its hooks and actions as Juju does.

Which file is run, and with what environment, follows the Juju version: before 2.8 `hooks/NAME`
where it exists, from 2.8 on `dispatch` (JUJU_DISPATCH_PATH is set from 2.7 on). What it does not
have is Juju itself: no controller, no agent, no ordering of hooks.

Standard library, Python 3.6: it runs on any machine of the tests.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import zipfile

from helpers.juju.hooktool import HookTools

HERE = os.path.dirname(os.path.abspath(__file__))
TOOLS = (
    "config-get", "status-set", "status-get", "juju-log", "is-leader", "action-get", "action-set",
    "action-fail", "action-log", "relation-ids", "relation-list", "relation-get", "relation-set",
    "resource-get", "juju-reboot", "secret-get", "network-get", "unit-get", "open-port",
    "close-port", "application-version-set", "goal-state",
    "storage-list", "storage-get", "secret-add", "secret-set", "secret-remove",
    "secret-info-get", "leader-get", "leader-set",
)  # fmt: skip
VERSIONS = {"2.6": "2.6.10", "2.8": "2.8.13", "2.9": "2.9.51", "3.6": "3.6.9", "4.0": "4.0.0"}


class Unit:
    """One unit in a folder: `charm/`, `state/` and `tools/`.

    Args:
        folder: Where it lives.
        name: The unit's name.
        juju: Release line of Juju, one of VERSIONS.
        environment: What is added to the charm's environment.
        python: Folder of the `python3` that the machine has; empty takes the one on PATH.
    """

    def __init__(self, folder, name="nvidia-runtime/0", juju="2.9", environment=None, python=""):
        self.folder, self.name, self.juju = folder, name, juju
        self.environment = dict(environment or {})
        self._python = python
        self.charm = os.path.join(folder, "charm")
        self.state = os.path.join(folder, "state")

    def unpack(self, archive, config=None):
        """Unpack an archive as an agent does, files' modes and all; options take defaults."""
        os.makedirs(self.state, exist_ok=True)
        with zipfile.ZipFile(archive) as packed:
            for entry in packed.infolist():
                packed.extract(entry, self.charm)
                mode = entry.external_attr >> 16
                os.chmod(os.path.join(self.charm, entry.filename), mode & 0o777)
        tools = os.path.join(self.folder, "tools")
        os.makedirs(tools, exist_ok=True)
        for tool in TOOLS:
            shutil.copy(os.path.join(HERE, "hooktool.sh"), os.path.join(tools, tool))
            os.chmod(os.path.join(tools, tool), 0o755)
        self.configure(config or {})
        return self

    def configure(self, values):
        """Set options over their defaults (those of config.yaml, read without a YAML library)."""
        options = dict(_defaults(os.path.join(self.charm, "config.yaml")), **values)
        self.put("config", options)

    def put(self, name, value):
        """Write a piece of the state."""
        with open(os.path.join(self.state, name + ".json"), "w") as file:
            json.dump(value, file)

    def get(self, name, default=None):
        """Read a piece of the state."""
        try:
            with open(os.path.join(self.state, name + ".json")) as file:
                return json.load(file)
        except FileNotFoundError:
            return default

    def status(self):
        """Return status and message as one text."""
        found = self.get("status", {"status": "unknown", "message": ""})
        return ("%(status)s: %(message)s" % found).rstrip(": ")

    def log(self):
        """Return what the charm logged."""
        try:
            with open(os.path.join(self.state, "log")) as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def run(self, hook, extra=None, prefix=()):
        """Run a hook; return code and output. A hook that is not there does nothing before 2.8."""
        return self._run("hooks/" + hook, dict(extra or {}, JUJU_HOOK_NAME=hook), prefix)

    def action(self, name, **params):
        """Run an action and return what it set: {"params", "results", "failed"}."""
        self.put("action", {"params": params})
        extra = {"JUJU_ACTION_NAME": name, "JUJU_ACTION_UUID": "1", "JUJU_ACTION_TAG": "action-1"}
        code, output = self._run("actions/" + name, extra, ())
        return dict(self.get("action"), code=code, output=output)

    def _run(self, path, extra, prefix):
        modern = self.juju != "2.6"
        program = os.path.join(self.charm, "dispatch" if modern else path)
        if not os.path.exists(program):
            return 0, ""
        environment = self._environment(extra)
        if "-storage-" in path:
            environment["JUJU_STORAGE_ID"] = min(self.get("storages", {"none/0": ""}))
        if modern:
            environment["JUJU_DISPATCH_PATH"] = path
        with HookTools(environment) as port:
            done = subprocess.run(
                [*prefix, program],
                cwd=self.charm,
                env=dict(environment, UNIT_TOOLS=str(port)),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        return done.returncode, done.stdout.decode("utf-8", "replace")

    def _environment(self, extra):
        usual = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin"
        path = [os.path.join(self.folder, "tools"), self._python]
        path += [self.environment.get("PATH", usual)]
        values = {
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
        values.update(self.environment)
        values.update(extra)
        values["PATH"] = ":".join(part for part in path if part)
        return values


def _defaults(path):
    """Read `default:` of every option: our config.yaml is of one plain form."""
    found, option = {}, ""
    with open(path) as file:
        for line in file:
            if line.startswith("  ") and line[2] not in " \n#":
                option = line.strip().rstrip(":")
            elif line.startswith("    default: "):
                found[option] = _scalar(line.partition(": ")[2].strip())
    return found


def _scalar(text):
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.lstrip("-").isdigit() else text.strip("'\"")


def main(argv=None):
    """Run hooks or actions of a unit from the shell; print the status after each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--archive", help="unpack this archive first")
    parser.add_argument("--name", default="nvidia-runtime/0")
    parser.add_argument("--juju", default="2.9", choices=sorted(VERSIONS))
    parser.add_argument("--config", default="", help="options as JSON")
    parser.add_argument("--put", action="append", default=[], help="a piece of state: NAME=JSON")
    parser.add_argument("--action", help="an action with its parameters as JSON: NAME={...}")
    parser.add_argument("--env", action="append", default=[], help="NAME=VALUE for the charm")
    parser.add_argument("hooks", nargs="*")
    args = parser.parse_args(argv)
    environment = dict(item.split("=", 1) for item in args.env)
    unit = Unit(args.folder, args.name, args.juju, environment)
    if args.archive:
        unit.unpack(args.archive)
    if args.config:
        unit.configure(json.loads(args.config))
    for item in args.put:
        name, _, text = item.partition("=")
        unit.put(name, json.loads(text))
    outcome = []
    for hook in args.hooks:
        code, output = unit.run(hook)
        outcome.append({"hook": hook, "code": code, "output": output, "status": unit.status()})
    if args.action:
        name, _, params = args.action.partition("=")
        outcome.append(unit.action(name, **json.loads(params or "{}")))
    json.dump(outcome, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
