"""Calls of hook tools: how one arrives from a hook, and what a tool needs to answer it.

As in Juju, the tools themselves are small: `hooktool.sh`, installed under the name of each tool,
sends its name, arguments and standard input to the agent that runs the hook, which answers.

Standard library and Python 3.6: this runs next to a charm on any machine of the tests.
"""

import json
import os
import socketserver
import threading
import traceback

# Options that take the next word as their argument.
OPTIONS_WITH_ARGUMENT = (
    "format", "r", "o", "l", "file", "m", "s", "label", "owner", "revision",
)  # fmt: skip
# After the first word of these tools, everything is text, even a word that begins with "-".
TOOLS_WITH_TEXT = ("juju-log", "action-fail", "status-set", "action-log")


class ToolError(Exception):
    """The failure of a hook tool, in Juju's words."""


class Call:
    """One call of a hook tool, with access to the unit's state.

    Args:
        tool: The name of the tool.
        text: The tool's standard input.
        environment: The environment of the hook. UNIT_STATE is the directory of the state.

    Attributes:
        output: The texts that the tool has printed.
    """

    def __init__(self, tool, text, environment):
        self.tool, self.text, self.environment = tool, text, environment
        self.output = []

    def path(self, name):
        """Return the path of a file of the unit's state."""
        return os.path.join(self.environment["UNIT_STATE"], name)

    def load(self, name, default):
        """Read a part of the unit's state."""
        try:
            with open(self.path(name + ".json")) as file:
                return json.load(file)
        except FileNotFoundError:
            return default

    def save(self, name, content):
        """Write a part of the unit's state."""
        with open(self.path(name + ".json"), "w") as file:
            file.write(json.dumps(content, indent=1, sort_keys=True))

    def show(self, content):
        """Print a value as JSON, which is the format that ops asks for."""
        self.print(json.dumps(content) + "\n")

    def print(self, text):
        """Print a text unchanged."""
        self.output.append(text)

    def words_and_options(self, arguments):
        """Split the arguments into words and options; see OPTIONS_WITH_ARGUMENT."""
        words, options, remaining = [], {}, list(arguments)
        while remaining:
            word = remaining.pop(0)
            if word == "--":
                return words + remaining, options
            if not self._is_option(word, words):
                words.append(word)
                continue
            name, equals, argument = word.lstrip("-").partition("=")
            if not equals and name in OPTIONS_WITH_ARGUMENT:
                argument = remaining.pop(0)
            options[name] = argument
        return words, options

    def _is_option(self, word, words):
        in_text = bool(words) and self.tool in TOOLS_WITH_TEXT
        return word.startswith("-") and word != "-" and not in_text


class HookToolServer:
    """Answers the calls of a hook's tools on a loopback port.

    Use it as a context manager: it yields the port, and stops answering at the end.

    Args:
        environment: The environment of the hook. UNIT_STATE is the directory of the state.
        tools: A function for each tool name. It takes the call, the words and the options.
    """

    def __init__(self, environment, tools):
        self._environment, self._tools = environment, tools
        self._lock = threading.Lock()

    def __enter__(self):
        """Start to answer, and return the port."""
        answer = self.answer

        class Handler(socketserver.BaseRequestHandler):
            """One call: the tool, the number of arguments, the arguments, standard input."""

            def handle(self):
                received = b""
                while not is_complete(received):
                    part = self.request.recv(65536)
                    if not part:
                        return  # the tool was killed
                    received += part
                fields = received.decode("utf-8", "surrogateescape").split("\0")
                tool, _, *arguments, text, _ = fields
                reply = "%d\0%s\0%s\0" % answer(tool, arguments, text)
                self.request.sendall(reply.encode("utf-8", "surrogateescape"))

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
        """Stop."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, tool, arguments, text):
        """Answer one call: return the exit status, standard output and standard error."""
        with self._lock:  # one at a time, since the calls share the unit's state
            call = Call(tool, text, self._environment)
            try:
                self._tools[tool](call, *call.words_and_options(arguments))
            except ToolError as error:
                return 1, "".join(call.output), "%s\n" % error
            except Exception:  # a fault of these tools, to be seen in the hook's output
                return 1, "".join(call.output), traceback.format_exc()
            return 0, "".join(call.output), ""


def is_complete(received):
    """Return whether all bytes of a call have arrived; each field ends with a NUL."""
    fields = received.split(b"\0")
    return len(fields) > 2 and len(fields) == int(fields[1]) + 4
