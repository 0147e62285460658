"""The hook tools, which read and write one state folder, and what answers them.

As with Juju the tools themselves are small (`hooktool.sh` under each name): they hand over what
they were called with, and the agent that runs the hook does the rest. A hook calls dozens of them.

Standard library, Python 3.6: it runs beside a charm on any machine of the tests.
"""

import json
import os
import socketserver
import threading
import traceback

# Flags whose value is the next word.
VALUED = ("format", "r", "o", "l", "file", "m", "s", "label", "owner", "revision")


class ToolError(Exception):
    """A tool's failure, in Juju's words."""


class Call:
    """The call that is being answered.

    Args:
        tool: The tool's name.
        text: Its standard input.
        environment: The hook's.
    """

    def __init__(self, tool, text, environment):
        self.tool, self.text, self.environment = tool, text, environment
        self.out = []


LOCK = threading.Lock()
CALL = Call("", "", {})


def answer(tool, args, text, environment):
    """Answer a call of a tool: return its code, output and errors."""
    global CALL
    with LOCK:  # one at a time
        CALL = Call(tool, text, environment)
        try:
            TOOLS[tool](*words_and_flags(args))
        except ToolError as error:
            return 1, "".join(CALL.out), "%s\n" % error
        except Exception:  # a fault of these tools, to be seen in the hook's output
            return 1, "".join(CALL.out), traceback.format_exc()
        return 0, "".join(CALL.out), ""


class HookTools:
    """Answers a hook's tools on loopback while its context lasts; its value is the port.

    Args:
        environment: The hook's; UNIT_STATE is the state folder.
    """

    def __init__(self, environment):
        self._environment = environment

    def __enter__(self):
        """Begin to answer."""
        environment = self._environment

        class Handler(socketserver.BaseRequestHandler):
            """One call: name, number of words, words, standard input, each ended by NUL."""

            def handle(self):
                data = b""
                while not complete(data):
                    more = self.request.recv(65536)
                    if not more:
                        return  # the tool was killed
                    data += more
                tool, _, *args, text, _ = data.decode("utf-8", "surrogateescape").split("\0")
                said = "%d\0%s\0%s\0" % answer(tool, args, text, environment)
                self.request.sendall(said.encode("utf-8", "surrogateescape"))

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler, False)
        self._server.daemon_threads = True
        self._server.request_queue_size = 64
        self._server.server_bind()
        self._server.server_activate()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.daemon = True
        self._thread.start()
        return self._server.server_address[1]

    def __exit__(self, *_):
        """End it."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def complete(data):
    """Tell whether a call is there as a whole."""
    fields = data.split(b"\0")
    return len(fields) > 2 and len(fields) == int(fields[1]) + 4


def load(name, default):
    """Read a piece of the unit's state."""
    try:
        with open(os.path.join(CALL.environment["UNIT_STATE"], name + ".json")) as file:
            return json.load(file)
    except FileNotFoundError:
        return default


def save(name, value):
    """Write a piece of the unit's state."""
    with open(os.path.join(CALL.environment["UNIT_STATE"], name + ".json"), "w") as file:
        file.write(json.dumps(value, indent=1, sort_keys=True))


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
    return bool(words) and CALL.tool in ("juju-log", "action-fail", "status-set", "action-log")


def show(value):
    """Print as ops asks for it."""
    say(json.dumps(value) + "\n")


def say(text):
    """Print a text as it is."""
    CALL.out.append(text)


def find(relations, flags):
    """Return the key of the relation that `-r` names, with or without its endpoint."""
    number = flags["r"].rpartition(":")[2]
    found = [key for key in relations if key.rpartition(":")[2] == number]
    if not found:
        raise ToolError('ERROR invalid value "%s" for option -r: relation not found' % flags["r"])
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
    show(dict(load("status", {"status": "unknown", "message": ""}), **{"status-data": {}}))


def juju_log(words, flags):
    """Keep the log."""
    with open(os.path.join(CALL.environment["UNIT_STATE"], "log"), "ab") as file:
        told = "%s %s\n" % (flags.get("l", "INFO"), " ".join(words))
        file.write(told.encode("utf-8", "surrogateescape"))


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
            raise ToolError("ERROR key %r must start and end with lowercase alphanumeric" % key)
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
    bags[CALL.environment["JUJU_UNIT_NAME"]] = relation.get("local", {})
    bags[CALL.environment["JUJU_UNIT_NAME"].partition("/")[0]] = relation.get("local-app", {})
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
        bag.update(read_settings(CALL.text))
    for word in words:
        key, _, value = word.partition("=")
        bag[key] = value
    save("relations", relations)


def resource_get(words, _):
    """Print a resource's path, or fail as Juju does where none is attached."""
    path = load("resources", {}).get(words[0])
    if not path:
        raise ToolError("ERROR could not download resource: HTTP request failed: not found")
    say(path)


def plain(name):
    """Return a secret's id without what may stand before it: secret:ID, secret://MODEL/ID."""
    return name.rpartition(":")[2].rpartition("/")[2]


def secret_name(words, flags):
    """Return the name of the secret that an id, or else a label, names; refuse where none is."""
    secrets, labels = load("secrets", {}), load("secret-labels", {})
    asked = plain(words[0]) if words else flags["label"]
    name = asked if words else labels.get(asked)
    if name not in secrets:
        raise ToolError('ERROR secret "%s" not found' % asked)
    return name


def secret_get(words, flags):
    """Print a secret's content, or refuse what is not granted."""
    show(load("secrets", {})[secret_name(words, flags)])


def secret_info_get(words, flags):
    """Print what a secret's owner knows of it."""
    name = secret_name(words, flags)
    labels = {one: label for label, one in load("secret-labels", {}).items()}
    info = {"revision": 1, "label": labels.get(name, ""), "owner": "application"}
    show({name: dict(info, rotation="never")})


def read_content(words):
    """Read a secret's content, told as KEY#file=PATH."""
    content = {}
    for word in words:
        key, _, path = word.partition("#file=")
        with open(path, encoding="utf-8") as file:
            content[key] = file.read()
    return content


def secret_add(words, flags):
    """Keep a new secret, and print its id; an owner has a label once."""
    secrets, labels = load("secrets", {}), load("secret-labels", {})
    name = "made%d" % len(secrets)
    label = flags.get("label")
    if label in labels:
        raise ToolError('ERROR secret with label "%s" already exists' % label)
    if label:
        save("secret-labels", dict(labels, **{label: name}))
    secrets[name] = read_content(words)
    save("secrets", secrets)
    say("secret:%s\n" % name)


def secret_set(words, _):
    """Put another content into a secret."""
    secrets = load("secrets", {})
    secrets[plain(words[0])] = read_content(words[1:])
    save("secrets", secrets)


def secret_remove(words, _):
    """Forget a secret."""
    secrets, labels = load("secrets", {}), load("secret-labels", {})
    name = plain(words[0])
    del secrets[name]
    save("secrets", secrets)
    save("secret-labels", {label: one for label, one in labels.items() if one != name})


def leader_get(words, _):
    """Print the leader's settings."""
    found = load("leader-settings", {})
    show(found.get(words[0]) if words and words[0] != "-" else found)


def leader_set(words, flags):
    """Keep leader's settings; an empty one goes."""
    if not load("leader", True):
        raise ToolError("ERROR cannot write leadership settings: not the leader")
    found = load("leader-settings", {})
    found.update(read_settings(CALL.text) if flags.get("file") == "-" else {})
    found.update(dict(word.split("=", 1) for word in words))
    save("leader-settings", {key: value for key, value in found.items() if value})


def juju_reboot(_, flags):
    """Keep that a reboot was asked for; in an action it is refused."""
    if CALL.environment.get("JUJU_ACTION_NAME"):
        raise ToolError("ERROR juju-reboot is not supported when running an action.")
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
    key = flags.get("s") or CALL.environment["JUJU_STORAGE_ID"]
    found = {"kind": "filesystem", "location": load("storages", {})[key]}
    show(found[words[0]] if words else found)


def version_set(words, _):
    """Keep the workload's version."""
    save("version", words[0])


def goal_state(*_):
    """Print the units that the application shall have; dying ones are not among them."""
    name = CALL.environment["JUJU_UNIT_NAME"]
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
    "secret-get": secret_get, "secret-info-get": secret_info_get, "secret-add": secret_add,
    "secret-set": secret_set, "secret-remove": secret_remove,
    "leader-get": leader_get, "leader-set": leader_set, "goal-state": goal_state,
    "network-get": network_get, "unit-get": unit_get, "application-version-set": version_set,
    "storage-list": storage_list, "storage-get": storage_get,
    "open-port": nothing, "close-port": nothing,
}  # fmt: skip
