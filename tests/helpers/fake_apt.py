"""A small dpkg and apt on a fake machine."""

from __future__ import annotations

from helpers.fake_machine import FakeMachine

RUNTIME = "/usr/bin/nvidia-container-runtime"


class FakeApt:
    """The packages that are installed; `apt-get install` adds to them.

    Attributes:
        installed: Their versions by name.
        held: The packages on hold.
    """

    def __init__(self, machine: FakeMachine) -> None:
        self.installed: dict[str, str] = {}
        self.held: set[str] = set()
        self._machine = machine
        machine.answers.update(
            {
                "dpkg-query": self._query,
                "DEBIAN_FRONTEND=noninteractive apt-get install": self._install,
                "apt-get install": self._install,
                "apt-mark hold": self._hold,
                "apt-mark unhold": self._unhold,
                "apt-mark showhold": lambda _: "".join(f"{name}\n" for name in sorted(self.held)),
                "dpkg --print-architecture": "amd64\n",
                "uname -r": "5.15.0-91-generic\n",
            }
        )

    def _query(self, words: list[str]) -> str:
        names = [name for name in self.installed if _matches(name, words[4:])]
        return "".join(f"{name} installed {self.installed[name]}\n" for name in names)

    def _install(self, words: list[str]) -> str:
        for word in words[words.index("install") + 1 :]:
            name, _, version = word.partition("=")
            if not word.startswith("-") and "::" not in word and "/" not in word:
                self.installed[name] = version or "1"
        if "nvidia-container-toolkit" in self.installed:
            self._machine.write(RUNTIME, "")
        return ""

    def _hold(self, words: list[str]) -> str:
        self.held.update(words[2:])
        return ""

    def _unhold(self, words: list[str]) -> str:
        self.held.difference_update(words[2:])
        return ""


def _matches(name: str, patterns: list[str]) -> bool:
    return name in patterns or any(
        pattern.endswith("*") and name.startswith(pattern[:-1]) for pattern in patterns
    )
