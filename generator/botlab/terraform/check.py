"""Compare the resources of a plan with the schema of the provider."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..findings import suggest
from .document import Attribute, Block, FileContent, Reference, Template, Value, references_in
from .schema import AttributeSchema, BlockSchema

_SIMPLE = {"bool": bool, "number": int}


def faults(blocks: Iterable[Block], schemas: Mapping[str, BlockSchema]) -> list[str]:
    """Return what the provider would refuse in the resources of a plan.

    Args:
        blocks: The resources.
        schemas: The resources that the provider has.
    """
    resources = list(blocks)
    labels = [block.labels for block in resources]
    known = set(labels)
    problems = [f"{'.'.join(label)} is defined twice" for label in _repeated(labels)]
    for block in resources:
        name = ".".join(block.labels)
        schema = schemas.get(block.labels[0])
        if schema is None:
            problems.append(f"{name}: {suggest(block.labels[0], schemas, 'unknown resource')}")
            continue
        problems += [f"{name}{problem}" for problem in _block_faults(block, schema)]
        unresolved = _reference_faults(block, known, schemas)
        problems += [f"{name}: {problem}" for problem in unresolved]
    return problems


def _repeated(labels: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    known: set[tuple[str, ...]] = set()
    for label in labels:
        if label in known:
            yield label
        known.add(label)


def _block_faults(block: Block, schema: BlockSchema) -> Iterator[str]:
    attributes = block.attributes()
    for problem in _attribute_faults(attributes, schema.attributes):
        yield problem
    for first, second in schema.conflicts:
        if first in attributes and second in attributes:
            yield f".{first}: conflicts with {second}"
    numbers: dict[str, int] = dict.fromkeys(schema.blocks, 0)
    for inner in block.blocks():
        if inner.type not in schema.blocks:
            yield f".{inner.type}: {suggest(inner.type, schema.blocks, 'unknown block')}"
            continue
        numbers[inner.type] += 1
        for problem in _block_faults(inner, schema.blocks[inner.type]):
            yield f".{inner.type}{problem}"
    for name, number in numbers.items():
        least, most = schema.blocks[name].count
        if not least <= number <= most:
            yield f".{name}: there are {number} blocks instead of {least} to {most}"


def _attribute_faults(
    values: Mapping[str, Value], schemas: Mapping[str, AttributeSchema]
) -> Iterator[str]:
    for name, value in values.items():
        schema = schemas.get(name)
        if schema is None:
            yield f".{name}: {suggest(name, schemas, 'unknown attribute')}"
        elif schema.computed:
            yield f".{name}: cannot be set, because the provider computes it"
        else:
            yield from (f".{name}{problem}" for problem in _value_faults(value, schema))
    for name, schema in schemas.items():
        if schema.required and name not in values:
            yield f".{name}: is required"


def _value_faults(value: Value, schema: AttributeSchema) -> Iterator[str]:
    outer, _, inner = schema.type.partition(" of ")
    if not inner:
        if not _is_of_type(value, outer):
            yield f": is not a {outer}"
        return
    if not isinstance(value, list if outer == "set" else dict):
        yield f": is not a {outer}"
        return
    entries = value.values() if isinstance(value, dict) else value
    for entry in entries:
        if inner == "object" and isinstance(entry, dict):
            yield from _attribute_faults(entry, schema.attributes)
        elif inner == "object" or not _is_of_type(entry, inner):
            yield f": has an entry that is not of the type {inner}"


def _is_of_type(value: Value, name: str) -> bool:
    """Return whether a value is of a type. References are to attributes with the type string.

    Terraform also converts between numbers, booleans and texts. botlab does not rely on that.
    """
    if name in _SIMPLE:
        return type(value) is _SIMPLE[name]
    return isinstance(value, str | Reference | Template | FileContent)


def _reference_faults(
    block: Block, labels: set[tuple[str, ...]], schemas: Mapping[str, BlockSchema]
) -> Iterator[str]:
    for reference in _references(block):
        if (reference.kind, reference.label) not in labels:
            yield f"{reference} is not a resource of the plan"
        elif reference.attribute not in schemas[reference.kind].attributes:
            yield f"{reference}: {reference.kind} has no attribute {reference.attribute}"


def _references(block: Block) -> Iterator[Reference]:
    for part in block.body:
        if isinstance(part, Attribute):
            yield from references_in(part.value)
        else:
            yield from _references(part)
