"""The grammar of Kubernetes' names of objects, labels and taints (apimachinery, validation.go)."""

from __future__ import annotations

from typing import Annotated

from .text_format import TextFormat

LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
NAME = r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?"
WORD = r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"

LabelKey = Annotated[
    str,
    TextFormat(
        rf"^({NAME}/)?{WORD}$", "the key of a label", "write one such as lab.example/pool, or pool"
    ),
]
LabelValue = Annotated[
    str,
    TextFormat(
        rf"^({WORD})?$",
        "the value of a label",
        "use at most 63 letters, digits, dots, _ and -, with a letter or digit at both ends",
    ),
]
Taint = Annotated[
    str,
    TextFormat(
        rf"^({NAME}/)?{WORD}(=({WORD})?)?:(NoSchedule|PreferNoSchedule|NoExecute)$",
        "a taint",
        "write KEY=VALUE:EFFECT or KEY:EFFECT, where EFFECT is NoSchedule, PreferNoSchedule or"
        " NoExecute",
    ),
]
