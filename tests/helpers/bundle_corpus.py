"""Generated bundles to compare judgements on: mostly valid ones, and ones with faults.

The same seed gives the same bundles. Each bundle is a file beside the local charms that it names.
"""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from helpers import bundle_faults as faults
from helpers import bundle_values as values
from helpers.raw_yaml import Raw, dump

Document = dict[str, Any]
SPARSE = 0.25


def write_corpus(folder: Path, release: str, seed: int, count: int) -> list[dict[str, Any]]:
    """Write bundles, their overlays and their charms, and return the requests to judge them.

    Args:
        folder: The directory to write to.
        release: The release that the bundles are written for: ``2.6``, ``2.9``, ``3.6``, ``4.0``,
            or ``2.9.21``, which leaves out what later 2.9 releases judge otherwise.
        seed: The seed of the random numbers.
        count: The number of bundles.
    """
    write_charms(folder)
    requests: list[dict[str, Any]] = []
    for number in range(count):
        rng = random.Random(f"{release} {seed} {number}")  # noqa: S311 - no secrets here
        corpus = Corpus(rng, release)
        requests.append(corpus.write(folder, f"{seed}-{number:05d}"))
    return requests


def write_charms(folder: Path) -> None:
    """Write the local charms that generated bundles name, and a file that they include."""
    (folder / "charms").mkdir(parents=True, exist_ok=True)
    for name, files in values.LOCAL_CHARMS.items():
        with zipfile.ZipFile(folder / "charms" / f"{name}.charm", "w") as archive:
            for path, text in files.items():
                archive.writestr(zipfile.ZipInfo(path), text)
    (folder / "text.txt").write_text("a text\n", encoding="utf-8")


class Corpus:
    """The random choices for one bundle.

    Args:
        rng: The source of random numbers.
        release: The release line that the bundle is written for.
    """

    def __init__(self, rng: random.Random, release: str) -> None:
        self.rng = rng
        self.release = release
        self.is_old = release < "3"
        self.is_early = release == "2.9.21"
        self.local_charms = [
            name
            for name in values.LOCAL_CHARMS
            if not (self.is_early and name in values.LATER_THAN_2_9_21)
        ]
        self.charms = values.OLD_CHARMS if self.is_old else values.NEW_CHARMS
        self.faults = rng.choice((0, 0, 0, 1, 1, 2))
        self.is_kubernetes = rng.random() < 0.08

    def write(self, folder: Path, name: str) -> dict[str, Any]:
        """Write the bundle and return the request to judge it."""
        document = self.document()
        text = dump(document)
        if self.chance(0.1):
            text += "---\n" + dump(self.overlay(document))
        if self.chance(0.03):
            text = self.rng.choice(faults.TEXT_FAULTS)(text)
        path = folder / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        overlays: list[str] = []
        if self.chance(0.15):
            overlays.append(str(folder / f"{name}-overlay.yaml"))
            Path(overlays[0]).write_text(dump(self.overlay(document)), encoding="utf-8")
        return {"path": str(path), "overlays": overlays, "trust": self.chance(0.5)}

    def chance(self, probability: float) -> bool:
        """Return True with a probability."""
        return self.rng.random() < probability

    def some(self, items: Sequence[Any], most: int) -> list[Any]:
        """Return some of the items, without repetition."""
        return self.rng.sample(list(items), self.rng.randint(0, min(most, len(items))))

    def document(self) -> Document:
        """Return a bundle with as many faults as were drawn."""
        names = self.rng.sample(values.NAMES, self.rng.randint(1, 5))
        applications = {name: self.application() for name in names}
        document: Document = {"applications": applications}
        if not self.is_kubernetes:
            machines = self.some(values.MACHINES, 3)
            self.place(applications, machines)
            document |= self.machines(applications, machines)
        document |= self.top_level(names)
        for _ in range(self.faults):
            self.add_fault(document)
        items = list(document.items())
        self.rng.shuffle(items)
        return dict(items)

    def top_level(self, names: list[str]) -> Document:
        """Return the keys of a bundle beside its applications and machines."""
        top: Document = {}
        if self.is_kubernetes:
            top["bundle"] = "kubernetes"
        if self.chance(0.15):
            top["saas"] = {"remote": {"url": self.rng.choice(values.OFFER_URLS)}}
        if self.chance(0.6):
            top["relations"] = self.relations([*names, *top.get("saas", ())])
        if self.chance(0.4):
            top |= self.platform("default-base")
        for key, choices in values.TOP_LEVEL.items():
            if self.chance(0.05):
                top[key] = self.rng.choice(choices)
        return top

    def platform(self, key: str) -> Document:
        """Return a series, a base, or both."""
        names = [s for s in values.SERIES if not (self.is_early and s == "genericlinux")]
        series = {"series": self.rng.choice(names)}
        base = {key: self.rng.choice(values.BASES)}
        if self.is_old and self.chance(0.9):
            return series
        return self.rng.choice((series, base, base, values.agreeing(self.rng, key)))

    def machines(self, applications: Document, machines: list[str]) -> Document:
        """Return the entries of the machines that a placement refers to, and rarely of others."""
        targets = {
            str(placement).rpartition(":")[2]
            for body in applications.values()
            for placement in body.get("to") or ()
        }
        used = [name for name in machines if name in targets or self.chance(0.02)]
        return {"machines": {name: self.machine() for name in used}} if used else {}

    def machine(self) -> Any:
        """Return the entry of a machine."""
        body: Document = {}
        if self.chance(0.4):
            body["constraints"] = self.constraints()
        if self.chance(0.3):
            body |= self.platform("base")
        if self.chance(0.2):
            body["annotations"] = self.rng.choice(values.ANNOTATIONS)
        return self.rng.choice((None, {}, body, body, body))

    def constraints(self) -> str:
        """Return valid constraints."""
        known = [
            constraint
            for constraint in values.CONSTRAINTS
            if not (self.release == "2.6" and constraint.startswith(values.LATER_THAN_2_6))
        ]
        parts = self.some(known, 3)
        unique = {part.split("=")[0].replace("cpu-cores", "cores"): part for part in parts}
        return self.rng.choice((" ", "  ", " ")).join(unique.values())

    def relations(self, names: list[str]) -> list[list[str]]:
        """Return relations between different applications, mostly each only once."""
        relations: list[list[str]] = []
        while len(names) > 1 and self.chance(0.7):
            ends = self.rng.sample(names, 2)
            ends = [
                f"{end}:{self.rng.choice(values.ENDPOINTS)}" if self.chance(0.7) else end
                for end in ends
            ]
            if self.chance(0.02) or sorted(ends) not in [sorted(pair) for pair in relations]:
                relations.append(ends)
        return relations

    def application(self) -> Document:
        """Return an application without placements."""
        body: Document = {"charm": self.rng.choice(self.charms)}
        if self.chance(0.2):
            body["charm"] = f"./charms/{self.rng.choice(self.local_charms)}.charm"
        if self.is_kubernetes:
            body[self.rng.choice(("scale", "num_units"))] = self.rng.randint(0, 3)
            if self.chance(0.2):
                body["placement"] = "zone=a"
        elif units := self.rng.randint(0, 3):
            body["num_units"] = units
        if self.chance(0.4):
            body |= self.platform("base")
        for key, choices in values.APPLICATION.items():
            if self.chance(SPARSE if key in values.COMMON else 0.08):
                body[key] = self.rng.choice(choices)
        if self.chance(0.25):
            body["constraints"] = self.constraints()
        self.add_revision(body)
        return body

    def place(self, applications: Document, machines: list[str]) -> None:
        """Add placements to some of the applications with units."""
        for name, body in applications.items():
            units = body.get("num_units", 0)
            if units and self.chance(0.7):
                others = {k: v.get("num_units", 0) for k, v in applications.items() if k != name}
                if self.chance(0.1):
                    others[name] = units
                placements = values.placements(self.rng, others, machines)
                body["to"] = self.some(placements, units)
                if self.chance(0.1):
                    body["to"] = body["to"][:1] * units

    def add_revision(self, body: Document) -> None:
        """Add a channel and a revision, which belong together."""
        if self.chance(0.4):
            # 2.9.21 holds a charm without a channel and one from "stable" for different charms.
            channels = [c for c in values.CHANNELS if not (self.is_early and c == "stable")]
            body["channel"] = self.rng.choice(channels)
        if ("channel" in body and self.chance(0.3)) or self.chance(0.01):
            body["revision"] = self.rng.choice((3, 12, 0))

    def overlay(self, document: Mapping[str, Any]) -> Document:
        """Return an overlay of a bundle."""
        names = list(document["applications"] or ["web"])
        name = self.rng.choice([*names, *names, "new-app"])
        body: Document | None = {} if name in names else {"charm": self.rng.choice(self.charms)}
        for key, choices in values.OVERLAY.items():
            if body is not None and self.chance(0.2):
                body[key] = self.rng.choice(choices)
        if name in names and self.chance(0.15):
            body = None
        overlay: Document = {"applications": {name: body}}
        for key, choices in values.OVERLAY_TOP_LEVEL.items():
            if self.chance(0.1):
                overlay[key] = self.rng.choice(choices)
        return overlay

    def add_fault(self, document: Document) -> None:
        """Break one thing of a bundle."""
        ways: list[Callable[[Document], None]] = [
            self.break_application,
            self.break_application,
            self.break_application,
            self.break_machine,
            self.break_top_level,
            self.break_number,
        ]
        self.rng.choice(ways)(document)

    def break_application(self, document: Document) -> None:
        """Give a key of an application a faulty value."""
        body = self.an_application(document)
        key = self.rng.choice(sorted(faults.FAULTY))
        body[key] = self.rng.choice(faults.FAULTY[key])

    def break_machine(self, document: Document) -> None:
        """Add a machine with a faulty name or entry."""
        name, body = self.rng.choice(faults.FAULTY_MACHINES)
        machines = document.get("machines")
        document["machines"] = {**(machines if isinstance(machines, dict) else {}), name: body}

    def break_top_level(self, document: Document) -> None:
        """Give a key of the bundle a faulty value."""
        key = self.rng.choice(sorted(faults.FAULTY_TOP_LEVEL))
        choice = self.rng.choice(faults.FAULTY_TOP_LEVEL[key])
        if key == "relations":
            choice = [*document.get("relations", ()), choice]
        document[key] = choice

    def break_number(self, document: Document) -> None:
        """Write a number or a tag in an unusual form."""
        body = self.an_application(document)
        key = self.rng.choice(sorted(faults.SCALAR_KEYS))
        body[key] = faults.SCALAR_KEYS[key](Raw(self.rng.choice(faults.SCALARS)))

    def an_application(self, document: Document) -> Document:
        """Return one of the applications that an earlier fault has left a mapping."""
        applications = document["applications"]
        bodies = list(applications.values()) if isinstance(applications, dict) else []
        return self.rng.choice([body for body in bodies if isinstance(body, dict)] or [{}])
