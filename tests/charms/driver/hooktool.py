#!/usr/bin/python3 -IS
"""The hook tools as one program, called by their names; they read and write one state folder.

Standard library, Python 3.6: it runs beside a charm on any machine of the tests.
"""

import json
import os
import sys

STATE = os.environ["UNIT_STATE"]
# Flags whose value is the next word.
VALUED = ("format", "r", "o", "l", "file", "m", "s", "label", "owner", "revision")


def load(name, default):
    """Read a piece of the unit's state."""
    try:
        with open(os.path.join(STATE, name + ".json")) as file:
            return json.load(file)
    except FileNotFoundError:
        return default


def save(name, value):
    """Write a piece of the unit's state."""
    path = os.path.join(STATE, name + ".json")
    with open(path + ".part", "w") as file:
        json.dump(value, file, indent=1, sort_keys=True)
    os.rename(path + ".part", path)


def words_and_flags(args):
    """Split arguments; `-r 0`, `--format json` and the like take a value."""
    words, flags, index = [], {}, 0
    while index < len(args):
        word = args[index]
        if word == "--":
            words += args[index + 1 :]
            break
        if word.startswith("-") and word != "-" and not words_end(words):
            name, equals, value = word.lstrip("-").partition("=")
            if not equals and name in VALUED:
                index += 1
                value = args[index]
            flags[name] = value
        else:
            words.append(word)
        index += 1
    return words, flags


def words_end(words):
    """After the first word of juju-log and action-fail everything is text."""
    return bool(words) and TOOL in ("juju-log", "action-fail", "status-set", "action-log")


def show(value):
    """Print as ops asks for it."""
    print(json.dumps(value))


def find(relations, flags):
    """Return the key of the relation that `-r` names, with or without its endpoint."""
    number = flags["r"].rpartition(":")[2]
    found = [key for key in relations if key.rpartition(":")[2] == number]
    if not found:
        sys.exit('ERROR invalid value "%s" for option -r: relation not found' % flags["r"])
    return found[0]


def config_get(words, _):
    """Print the options, defaults put in."""
    options = load("config", {})
    show(options.get(words[0]) if words else options)


def status_set(words, flags):
    """Keep the status."""
    of_application = flags.get("application", "False") in ("", "True", "true")
    name = "app-status" if of_application else "status"
    save(name, {"status": words[0], "message": " ".join(words[1:])})


def status_get(*_):
    """Print the status."""
    show(load("status", {"status": "unknown", "message": ""}))


def juju_log(words, flags):
    """Keep the log."""
    with open(os.path.join(STATE, "log"), "a") as file:
        file.write("%s %s\n" % (flags.get("l", "INFO"), " ".join(words)))


def is_leader(*_):
    """Print whether the unit leads."""
    show(load("leader", True))


def action_get(words, _):
    """Print the action's parameters."""
    params = load("action", {"params": {}})["params"]
    show(params.get(words[0]) if words else params)


def action_set(words, _):
    """Keep results; a key is checked as Juju does."""
    action = load("action", {"params": {}})
    for word in words:
        key, _, value = word.partition("=")
        if not all(c.islower() or c.isdigit() or c in "-." for c in key):
            sys.exit("ERROR key %r must start and end with lowercase alphanumeric" % key)
        action.setdefault("results", {})[key] = value
    save("action", action)


def action_fail(words, _):
    """Keep the failure."""
    save("action", dict(load("action", {"params": {}}), failed=" ".join(words)))


def relation_ids(words, _):
    """Print the ids of an endpoint's relations."""
    show([key for key, rel in sorted(load("relations", {}).items()) if rel["name"] == words[0]])


def relation_list(_, flags):
    """Print the remote units, or the remote application."""
    relations = load("relations", {})
    relation = relations[find(relations, flags)]
    show(relation["remote"] if "app" in flags else sorted(relation.get("units", {})))


def relation_get(words, flags):
    """Print a data bag."""
    relations = load("relations", {})
    relation = relations[find(relations, flags)]
    member = words[1]
    bags = dict(relation.get("units", {}))
    bags[relation["remote"]] = relation.get("application", {})
    bags[os.environ["JUJU_UNIT_NAME"]] = relation.get("local", {})
    bags[os.environ["JUJU_UNIT_NAME"].partition("/")[0]] = relation.get("local-app", {})
    show(bags.get(member, {}))


def read_settings(text):
    """Read what ops hands over: JSON, or YAML of one level with quoted or plain values."""
    try:
        return json.loads(text)
    except ValueError:
        pass
    found = {}
    for line in text.splitlines():
        key, _, value = line.partition(": ")
        if key.strip():
            found[key.strip().strip("'\"")] = value.strip().strip("'\"")
    return found


def relation_set(words, flags):
    """Write into the unit's or the application's own data bag."""
    relations = load("relations", {})
    bag = relations[find(relations, flags)].setdefault(
        "local-app" if "app" in flags else "local", {}
    )
    if flags.get("file") == "-":
        bag.update(read_settings(sys.stdin.read()))
    for word in words:
        key, _, value = word.partition("=")
        bag[key] = value
    save("relations", relations)


def resource_get(words, _):
    """Print a resource's path, or fail as Juju does where none is attached."""
    path = load("resources", {}).get(words[0])
    if not path:
        sys.exit("ERROR could not download resource: HTTP request failed: not found")
    print(path, end="")


def secret_get(words, _):
    """Print a secret's content, or refuse what is not granted."""
    name = words[0].partition(":")[2] or words[0]
    found = load("secrets", {}).get(name)
    if found is None:
        sys.exit('ERROR secret "%s" not found' % name)
    show(found)


def read_content(words):
    """Read a secret's content, told as KEY#file=PATH."""
    content = {}
    for word in words:
        key, _, path = word.partition("#file=")
        with open(path) as file:
            content[key] = file.read()
    return content


def secret_add(words, flags):
    """Keep a new secret, and print its id."""
    secrets = load("secrets", {})
    name = "made%d" % len(secrets)
    secrets[name] = read_content(words)
    save("secrets", secrets)
    print("secret:" + name)


def secret_set(words, _):
    """Put another content into a secret."""
    secrets = load("secrets", {})
    secrets[words[0].partition(":")[2] or words[0]] = read_content(words[1:])
    save("secrets", secrets)


def secret_remove(words, _):
    """Forget a secret."""
    secrets = load("secrets", {})
    del secrets[words[0].partition(":")[2] or words[0]]
    save("secrets", secrets)


def leader_get(words, _):
    """Print the leader's settings."""
    found = load("leader-settings", {})
    show(found.get(words[0]) if words and words[0] != "-" else found)


def leader_set(words, flags):
    """Keep leader's settings; an empty one goes."""
    if not load("leader", True):
        sys.exit("ERROR cannot write leadership settings: not the leader")
    found = load("leader-settings", {})
    found.update(read_settings(sys.stdin.read()) if flags.get("file") == "-" else {})
    found.update(dict(word.split("=", 1) for word in words))
    save("leader-settings", {key: value for key, value in found.items() if value})


def juju_reboot(_, flags):
    """Keep that a reboot was asked for; in an action it is refused."""
    if os.environ.get("JUJU_ACTION_NAME"):
        sys.exit("ERROR juju-reboot is not supported when running an action.")
    save("reboot", {"now": "now" in flags})


def network_get(*_):
    """Print the unit's addresses."""
    show(load("network", {
        "bind-addresses": [{"interface-name": "eth0", "addresses": [
            {"value": "10.0.0.10", "cidr": "10.0.0.0/24"}]}],
        "egress-subnets": ["10.0.0.10/32"], "ingress-addresses": ["10.0.0.10"],
    }))  # fmt: skip


def unit_get(*_):
    """Print the unit's address."""
    show("10.0.0.10")


def storage_list(words, _):
    """Print the storages that are attached, as NAME/NUMBER."""
    found = load("storages", {})
    show([key for key in sorted(found) if not words or key.partition("/")[0] == words[0]])


def storage_get(words, flags):
    """Print a storage's location, or all of it."""
    key = flags.get("s") or os.environ["JUJU_STORAGE_ID"]
    found = {"kind": "filesystem", "location": load("storages", {})[key]}
    show(found[words[0]] if words else found)


def version_set(words, _):
    """Keep the workload's version."""
    save("version", words[0])


def goal_state(*_):
    """Print the units that the application shall have; dying ones are not among them."""
    name = os.environ["JUJU_UNIT_NAME"]
    units = {} if load("leaving", False) else {name: {"status": "active", "since": ""}}
    show({"units": units, "relations": {}})


def nothing(*_):
    """Do nothing, as the tests look at nothing of it."""


TOOLS = {
    "config-get": config_get, "status-set": status_set, "status-get": status_get,
    "juju-log": juju_log, "is-leader": is_leader, "action-get": action_get,
    "action-set": action_set, "action-fail": action_fail, "action-log": juju_log,
    "relation-ids": relation_ids, "relation-list": relation_list, "relation-get": relation_get,
    "relation-set": relation_set, "resource-get": resource_get, "juju-reboot": juju_reboot,
    "secret-get": secret_get, "secret-add": secret_add, "secret-set": secret_set,
    "secret-remove": secret_remove, "leader-get": leader_get, "leader-set": leader_set,
    "goal-state": goal_state,
    "network-get": network_get, "unit-get": unit_get, "application-version-set": version_set,
    "storage-list": storage_list, "storage-get": storage_get,
    "open-port": nothing, "close-port": nothing,
}  # fmt: skip
TOOL = os.path.basename(sys.argv[0])

if __name__ == "__main__":
    TOOLS[TOOL](*words_and_flags(sys.argv[1:]))
