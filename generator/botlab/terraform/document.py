"""The parts of a plan as data, before they are written as HCL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reference:
    """An attribute of another resource, such as ``juju_machine.gpu0.machine_id``."""

    kind: str
    label: str
    attribute: str

    def __str__(self) -> str:
        return f"{self.kind}.{self.label}.{self.attribute}"


@dataclass(frozen=True, slots=True)
class Template:
    """A text that ends with an attribute of another resource."""

    start: str
    reference: Reference


@dataclass(frozen=True, slots=True)
class FileContent:
    """The content of a file, which Terraform reads when the plan is applied.

    Attributes:
        path: The path, relative to the directory of the plan unless it is absolute.
        is_base64: Whether the content is encoded in base64.
    """

    path: str
    is_base64: bool = False


Value = str | int | bool | Reference | Template | FileContent | list["Value"] | dict[str, "Value"]


@dataclass(slots=True)
class Attribute:
    """A name with a value."""

    name: str
    value: Value


@dataclass(slots=True)
class Block:
    """A block with its labels.

    Attributes:
        type: The type of the block, such as ``resource`` or ``charm``.
        labels: The labels after the type. A resource has its kind and its own label.
        body: The attributes and the blocks in it, in the order of the text.
    """

    type: str
    labels: tuple[str, ...] = ()
    body: list[Attribute | Block] = field(default_factory=list["Attribute | Block"])

    def set(self, name: str, value: Value | None) -> None:
        """Add an attribute, unless the value is None or empty."""
        if value is not None and value not in ("", [], {}):
            self.body.append(Attribute(name, value))

    def attributes(self) -> dict[str, Value]:
        """Return the values of the attributes by name."""
        return {part.name: part.value for part in self.body if isinstance(part, Attribute)}

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks directly in this one."""
        return (part for part in self.body if isinstance(part, Block))


@dataclass(slots=True)
class Section:
    """Blocks below a comment."""

    title: str
    blocks: list[Block]


def resource(kind: str, label: str) -> Block:
    """Return an empty resource."""
    return Block("resource", (kind, label))


def references_in(value: Value) -> Iterator[Reference]:
    """Yield the references in a value."""
    if isinstance(value, Reference):
        yield value
    elif isinstance(value, Template):
        yield value.reference
    elif isinstance(value, list):
        for entry in value:
            yield from references_in(entry)
    elif isinstance(value, dict):
        for entry in value.values():
            yield from references_in(entry)
