"""The hook tools of Juju, on the state of one unit.

Each function answers one tool. It takes the call, the words and the options of the command line.

Standard library and Python 3.6: this runs next to a charm on any machine of the tests.
"""

import json

from helpers.juju.calls import ToolError

RESULT_KEY_CHARACTERS = "-."  # beside lowercase letters and digits


def config_get(call, words, _):
    """Print the options, including the defaults."""
    options = call.load("config", {})
    call.show(options.get(words[0]) if words else options)


def status_set(call, words, options):
    """Store the status of the unit or of the application."""
    is_application = options.get("application", "False") in ("", "True", "true")
    name = "app-status" if is_application else "status"
    call.save(name, {"status": words[0], "message": " ".join(words[1:])})


def status_get(call, *_):
    """Print the status."""
    status = call.load("status", {"status": "unknown", "message": ""})
    call.show(dict(status, **{"status-data": {}}))


def juju_log(call, words, options):
    """Append a message to the log."""
    with open(call.path("log"), "ab") as file:
        line = "%s %s\n" % (options.get("l", "INFO"), " ".join(words))
        file.write(line.encode("utf-8", "surrogateescape"))


def is_leader(call, *_):
    """Print whether the unit is the leader."""
    call.show(call.load("leader", True))


def action_get(call, words, _):
    """Print the parameters of the action."""
    parameters = call.load("action", {"params": {}})["params"]
    call.show(parameters.get(words[0]) if words else parameters)


def action_set(call, words, _):
    """Store results of the action; the keys are checked as Juju checks them."""
    action = call.load("action", {"params": {}})
    for word in words:
        key, _, text = word.partition("=")
        if not all(c.islower() or c.isdigit() or c in RESULT_KEY_CHARACTERS for c in key):
            raise ToolError("ERROR key %r must start and end with lowercase alphanumeric" % key)
        action.setdefault("results", {})[key] = text
    call.save("action", action)


def action_fail(call, words, _):
    """Store the message with which the action failed."""
    call.save("action", dict(call.load("action", {"params": {}}), failed=" ".join(words)))


def relation_key(relations, options):
    """Return the key of the relation that `-r` names, with or without its endpoint."""
    number = options["r"].rpartition(":")[2]
    for key in relations:
        if key.rpartition(":")[2] == number:
            return key
    raise ToolError('ERROR invalid value "%s" for option -r: relation not found' % options["r"])


def relation_ids(call, words, _):
    """Print the ids of the relations of an endpoint."""
    relations = sorted(call.load("relations", {}).items())
    call.show([key for key, relation in relations if relation["name"] == words[0]])


def relation_list(call, _, options):
    """Print the remote units, or the remote application."""
    relations = call.load("relations", {})
    relation = relations[relation_key(relations, options)]
    call.show(relation["remote"] if "app" in options else sorted(relation.get("units", {})))


def relation_get(call, words, options):
    """Print a data bag."""
    relations = call.load("relations", {})
    relation = relations[relation_key(relations, options)]
    unit = call.environment["JUJU_UNIT_NAME"]
    bags = dict(relation.get("units", {}))
    bags[relation["remote"]] = relation.get("application", {})
    bags[unit] = relation.get("local", {})
    bags[unit.partition("/")[0]] = relation.get("local-app", {})
    call.show(bags.get(words[1], {}))


def read_settings(text):
    """Read the settings that ops writes: JSON, or YAML of one level, quoted or plain."""
    try:
        return json.loads(text)
    except ValueError:
        pass
    settings = {}
    for line in text.splitlines():
        key, _, setting = line.partition(": ")
        if key.strip():
            settings[key.strip().strip("'\"")] = setting.strip().strip("'\"")
    return settings


def relation_set(call, words, options):
    """Write into the data bag of this unit or of this application."""
    relations = call.load("relations", {})
    relation = relations[relation_key(relations, options)]
    bag = relation.setdefault("local-app" if "app" in options else "local", {})
    if options.get("file") == "-":
        bag.update(read_settings(call.text))
    bag.update(word.split("=", 1) for word in words)
    call.save("relations", relations)


def resource_get(call, words, _):
    """Print the path of a resource, or fail as Juju does when none is attached."""
    path = call.load("resources", {}).get(words[0])
    if not path:
        raise ToolError("ERROR could not download resource: HTTP request failed: not found")
    call.print(path)


def bare_secret_id(name):
    """Return the id of a secret that is given as secret:ID or secret://MODEL/ID."""
    return name.rpartition(":")[2].rpartition("/")[2]


def secret_id(call, words, options):
    """Return the id of the secret that an id or a label names; fail when there is none."""
    secrets, labels = call.load("secrets", {}), call.load("secret-labels", {})
    name = bare_secret_id(words[0]) if words else options["label"]
    identifier = name if words else labels.get(name)
    if identifier not in secrets:
        raise ToolError('ERROR secret "%s" not found' % name)
    return identifier


def secret_get(call, words, options):
    """Print the content of a secret, or fail when it is not granted."""
    call.show(call.load("secrets", {})[secret_id(call, words, options)])


def secret_info_get(call, words, options):
    """Print the metadata of a secret that the unit's application owns."""
    identifier = secret_id(call, words, options)
    labels = {owner: label for label, owner in call.load("secret-labels", {}).items()}
    info = {"revision": 1, "label": labels.get(identifier, ""), "owner": "application"}
    call.show({identifier: dict(info, rotation="never")})


def read_content(words):
    """Read the content of a secret, given as KEY#file=PATH."""
    content = {}
    for word in words:
        key, _, path = word.partition("#file=")
        with open(path, encoding="utf-8") as file:
            content[key] = file.read()
    return content


def secret_add(call, words, options):
    """Store a new secret and print its id; an owner can use each label once."""
    secrets, labels = call.load("secrets", {}), call.load("secret-labels", {})
    identifier = "made%d" % len(secrets)
    label = options.get("label")
    if label in labels:
        raise ToolError('ERROR secret with label "%s" already exists' % label)
    if label:
        call.save("secret-labels", dict(labels, **{label: identifier}))
    secrets[identifier] = read_content(words)
    call.save("secrets", secrets)
    call.print("secret:%s\n" % identifier)


def secret_set(call, words, _):
    """Replace the content of a secret."""
    secrets = call.load("secrets", {})
    secrets[bare_secret_id(words[0])] = read_content(words[1:])
    call.save("secrets", secrets)


def secret_remove(call, words, _):
    """Delete a secret and its label."""
    secrets, labels = call.load("secrets", {}), call.load("secret-labels", {})
    identifier = bare_secret_id(words[0])
    del secrets[identifier]
    call.save("secrets", secrets)
    labels = {label: owner for label, owner in labels.items() if owner != identifier}
    call.save("secret-labels", labels)


def leader_get(call, words, _):
    """Print the leader settings."""
    settings = call.load("leader-settings", {})
    call.show(settings.get(words[0]) if words and words[0] != "-" else settings)


def leader_set(call, words, options):
    """Store leader settings; an empty setting is deleted."""
    if not call.load("leader", True):
        raise ToolError("ERROR cannot write leadership settings: not the leader")
    settings = call.load("leader-settings", {})
    if options.get("file") == "-":
        settings.update(read_settings(call.text))
    settings.update(word.split("=", 1) for word in words)
    call.save("leader-settings", {key: text for key, text in settings.items() if text})


def juju_reboot(call, _, options):
    """Store that the charm asked for a reboot; Juju refuses it in an action."""
    if call.environment.get("JUJU_ACTION_NAME"):
        raise ToolError("ERROR juju-reboot is not supported when running an action.")
    call.save("reboot", {"now": "now" in options})


def network_get(call, *_):
    """Print the addresses of the unit."""
    call.show(call.load("network", {
        "bind-addresses": [{"interface-name": "eth0", "addresses": [
            {"value": "10.0.0.10", "cidr": "10.0.0.0/24"}]}],
        "egress-subnets": ["10.0.0.10/32"], "ingress-addresses": ["10.0.0.10"],
    }))  # fmt: skip


def unit_get(call, *_):
    """Print the address of the unit."""
    call.show("10.0.0.10")


def storage_list(call, words, _):
    """Print the attached storages, as NAME/NUMBER."""
    storages = sorted(call.load("storages", {}))
    call.show([key for key in storages if not words or key.partition("/")[0] == words[0]])


def storage_get(call, words, options):
    """Print the location of a storage, or all of its properties."""
    key = options.get("s") or call.environment["JUJU_STORAGE_ID"]
    storage = {"kind": "filesystem", "location": call.load("storages", {})[key]}
    call.show(storage[words[0]] if words else storage)


def application_version_set(call, words, _):
    """Store the version of the workload."""
    call.save("version", words[0])


def goal_state(call, *_):
    """Print the units that the application is meant to have; dying units are left out."""
    unit = call.environment["JUJU_UNIT_NAME"]
    is_dying = call.load("leaving", False)
    units = {} if is_dying else {unit: {"status": "active", "since": ""}}
    call.show({"units": units, "relations": {}})


def ignore(*_):
    """Accept a call that the tests do not look at."""


TOOLS = {
    "config-get": config_get, "status-set": status_set, "status-get": status_get,
    "juju-log": juju_log, "is-leader": is_leader, "action-get": action_get,
    "action-set": action_set, "action-fail": action_fail, "action-log": juju_log,
    "relation-ids": relation_ids, "relation-list": relation_list, "relation-get": relation_get,
    "relation-set": relation_set, "resource-get": resource_get, "juju-reboot": juju_reboot,
    "secret-get": secret_get, "secret-info-get": secret_info_get, "secret-add": secret_add,
    "secret-set": secret_set, "secret-remove": secret_remove,
    "leader-get": leader_get, "leader-set": leader_set, "goal-state": goal_state,
    "network-get": network_get, "unit-get": unit_get,
    "application-version-set": application_version_set,
    "storage-list": storage_list, "storage-get": storage_get,
    "open-port": ignore, "close-port": ignore,
}  # fmt: skip
