"""Changes of the values in a YAML or JSON text, so that the text stays readable."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import yaml

from .text_changes import Vocabulary

_LONGEST = 20_000
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_LARGE_NUMBERS = (0, 1, -1, 2, 2**31, 2**53, 2**63, 2**64, 10**400, 1.5, -0.0, 1e300)
# A collection and the key or index of one of its values.
_Slot = tuple[Any, Any]


def change_tree(text: str, pick: random.Random, vocabulary: Vocabulary) -> str:
    """Change one to three values or keys of a text. A text that is no YAML stays as it is."""
    if len(text) > _LONGEST or "*" in text:
        return text
    try:
        documents = list(yaml.load_all(text, Loader=_LOADER))
        for _ in range(pick.randint(1, 3)):
            _change(documents, pick, vocabulary)
        return _dump(documents, text)
    except Exception:
        return text  # PyYAML raises errors of many types for what it cannot construct or write.


def _dump(documents: list[Any], text: str) -> str:
    if text.lstrip()[:1] in ("{", "[") and len(documents) == 1:
        return json.dumps(documents[0], indent=1, default=str)
    dumped = yaml.dump_all(documents, Dumper=_DUMPER, sort_keys=False, allow_unicode=True)
    return str(dumped)


def _slots(node: Any) -> Iterator[_Slot]:
    """Yield each value below a node as its collection and its key."""
    if isinstance(node, dict | list):
        keys = list(node) if isinstance(node, dict) else range(len(node))
        for key in keys:
            yield node, key
            yield from _slots(node[key])


def _change(documents: list[Any], pick: random.Random, vocabulary: Vocabulary) -> None:
    slots = list(_slots(documents))
    if not slots:
        documents.append({})
        return
    node, key = pick.choice(slots)
    kind = pick.randrange(8)
    if kind == 0:
        del node[key]
    elif kind == 1 and isinstance(node, dict):
        node[_key(pick, vocabulary)] = node.pop(key)
    elif kind == 2:
        donor, index = pick.choice(slots)
        node[key] = _copy(donor[index])
    elif kind == 3:
        _add(node[key], _value(pick, vocabulary), pick, vocabulary)
    elif kind == 4:
        _add(node[key], _copy(pick.choice(_donor_values(vocabulary, slots))), pick, vocabulary)
    else:
        node[key] = _value(pick, vocabulary)


def _add(node: Any, value: Any, pick: random.Random, vocabulary: Vocabulary) -> None:
    if isinstance(node, list):
        node.insert(pick.randrange(len(node) + 1), value)
    elif isinstance(node, dict):
        node[_key(pick, vocabulary)] = value


def _donor_values(vocabulary: Vocabulary, slots: list[_Slot]) -> list[Any]:
    """Return the values of the other input, or of this one when it has none."""
    donors: list[_Slot] = []
    if len(vocabulary.donor) < _LONGEST and "*" not in vocabulary.donor:
        donors = list(_slots(yaml.load(vocabulary.donor, Loader=_LOADER)))  # noqa: S506 - safe
    return [node[key] for node, key in donors or slots]


def _copy(value: Any) -> Any:
    """Return a deep copy, which YAML writes out instead of an alias."""
    if isinstance(value, dict):
        return {key: _copy(child) for key, child in value.items()}
    return [_copy(child) for child in value] if isinstance(value, list) else value


def _key(pick: random.Random, vocabulary: Vocabulary) -> Any:
    return vocabulary.word(pick) if pick.random() < 0.9 else pick.choice((0, None, True, 1.5))


def _value(pick: random.Random, vocabulary: Vocabulary) -> Any:
    kind = pick.randrange(6)
    if kind < 3:
        return vocabulary.word(pick)
    if kind == 3:
        return pick.choice(_LARGE_NUMBERS)
    return pick.choice((None, True, False, [], {}, [None], {"": None}, [[]], [{}]))
