"""NVIDIA GPUs, recognised by the PCI devices of a machine or by its tags.

Fields of ``maas PROFILE node-devices read SYSTEM_ID`` (MAAS 3.0 and later,
``src/maasserver/api/nodedevices.py``): system_id, vendor_id in four hexadecimal digits, and
hardware_type_name, which is ``GPU`` for a display controller of any kind. (Servers also have one
in their management controller.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from .fields import JsonObject, text_of
from .machines import MaasMachine


def _model_pattern(models: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(\d+x)?({'|'.join(models)})(x\d+)?", re.IGNORECASE)


# The vendor ids of a machine's GPUs.
PciGpus = frozenset[str]
# NVIDIA in the PCI ID database.
NVIDIA = "10de"
# The option of `maas PROFILE machines read` that selects machines with a device of NVIDIA
# (src/maasserver/node_constraint_filter_forms.py DEVICE_CONSTRAINT_NAMES, MAAS 3.0 and later).
NVIDIA_FILTER = f"devices=vendor_id={NVIDIA}"
# The words of tags. A word that only some vendor's cards have says that the tag is about a GPU.
_GPU_WORD = re.compile(r"gpus?\d*", re.IGNORECASE)
_NVIDIA_WORD = re.compile(
    r"nvidia|cuda|tesla|geforce|quadro|nvlink|(dgx|hgx|rtx|gtx)[abhv]?\d*(ti|super)?",
    re.IGNORECASE,
)
# Models as the PCI ID database names them below 10de (pci.ids of 2026-08-22,
# https://github.com/pciutils/pciids). A tag may have the number of cards, too: 8xa100, a100x8.
_NVIDIA_MODELS = (
    *("p100", "v100", "v100s"),
    *("a30", "a30x", "a40", "a100", "a100x", "a800"),
    *("a2000", "a4000", "a4500", "a5000", "a5500", "a6000"),
    *("l40", "l40g", "l40s"),
    *("h100", "h200", "h800", "gh200"),
    *("b100", "b200", "b300", "gb200", "gb300"),
)
_NVIDIA_MODEL = _model_pattern(_NVIDIA_MODELS)
# Models of the same database whose names are short, so that they may as well name a place.
_UNCLEAR_MODELS = (
    *("k20", "k40", "k80", "m10", "m40", "m60", "p4", "p40"),
    *("t4", "a2", "a10", "a16", "l4", "l20", "h20"),
)
_UNCLEAR_MODEL = _model_pattern(_UNCLEAR_MODELS)
_FOREIGN_CARD = re.compile(r"radeon|instinct|rocm|mi\d{2,3}x?|gaudi\d?|habana", re.IGNORECASE)
_FOREIGN_VENDOR = re.compile(r"amd|ati|intel", re.IGNORECASE)
_NEGATION = re.compile(r"no|non|not|without", re.IGNORECASE)
_SEPARATORS = re.compile(r"[-_.]+")


def gpus_of(devices: Iterable[JsonObject]) -> Mapping[str, PciGpus]:
    """Return the vendor ids of the GPUs of each machine in a list of devices, by system id."""
    vendors: dict[str, set[str]] = {}
    for device in devices:
        ids = vendors.setdefault(text_of(device.get("system_id")), set())
        if text_of(device.get("hardware_type_name")).upper() == "GPU":
            ids.add(text_of(device.get("vendor_id")).lower())
    return {system_id: frozenset(ids) for system_id, ids in vendors.items()}


def has_nvidia_gpu(machine: MaasMachine, gpus: Mapping[str, PciGpus]) -> bool:
    """Return whether a machine has an NVIDIA GPU.

    Its PCI devices decide. If they are not known, its tags do: one that names NVIDIA or one of its
    models, or one that names a GPU if no tag names another vendor.

    Args:
        machine: The machine.
        gpus: The vendors of the GPUs of each machine, by system id.
    """
    pci = gpus.get(machine.system_id)
    if pci is not None:
        return NVIDIA in pci
    tags = [_words(tag) for tag in machine.tags]
    return any(map(_names_nvidia, tags)) or (
        any(map(_names_gpu, tags)) and not any(map(_names_another_vendor, tags))
    )


def is_unclear(machine: MaasMachine, gpus: Mapping[str, PciGpus]) -> bool:
    """Return whether a machine has a tag for a GPU whose vendor only PCI devices would name.

    A tag such as ``intel`` can be about the CPU, and one such as ``t4`` about a place.
    """
    tags = [_words(tag) for tag in machine.tags]
    return (
        machine.system_id not in gpus
        and (any(map(_names_gpu, tags)) or any(map(_may_name_nvidia, tags)))
        and not has_nvidia_gpu(machine, gpus)
        and not any(_has(_FOREIGN_CARD, words) for words in tags)
    )


def is_about_gpus(tag: str) -> bool:
    """Return whether a tag names GPUs of any vendor, or machines without any."""
    words = _words(tag)
    patterns = (_GPU_WORD, _NVIDIA_WORD, _NVIDIA_MODEL, _UNCLEAR_MODEL, _FOREIGN_CARD)
    return any(_has(pattern, words) for pattern in patterns)


def _names_nvidia(words: list[str]) -> bool:
    if _denies(words):
        return False
    # With a model of NVIDIA, a word such as "amd" is about the CPU.
    is_model = _has(_NVIDIA_MODEL, words) and not _has(_FOREIGN_CARD, words)
    return is_model or (_has(_NVIDIA_WORD, words) and not _names_another_vendor(words))


def _may_name_nvidia(words: list[str]) -> bool:
    return _has(_UNCLEAR_MODEL, words) and not _names_another_vendor(words) and not _denies(words)


def _names_gpu(words: list[str]) -> bool:
    return _has(_GPU_WORD, words) and not _names_another_vendor(words) and not _denies(words)


def _names_another_vendor(words: list[str]) -> bool:
    return _has(_FOREIGN_CARD, words) or _has(_FOREIGN_VENDOR, words)


def _denies(words: list[str]) -> bool:
    """Return whether a tag is about machines without a GPU, such as ``no-gpu``."""
    return _has(_NEGATION, words)


def _has(pattern: re.Pattern[str], words: list[str]) -> bool:
    return any(map(pattern.fullmatch, words))


def _words(tag: str) -> list[str]:
    return _SEPARATORS.split(tag)
