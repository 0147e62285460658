"""The answers of the facades in the form of the client's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...json_values import list_of, mapping_of, text_of

_Json = Mapping[str, Any]


def show_application(answer: _Json) -> dict[str, Any]:
    """Return what ``juju show-application`` prints, of ``Application.ApplicationsInfo``.

    Args:
        answer: The answer of the facade.
    """
    results = [mapping_of(entry) for entry in list_of(answer.get("results"))]
    bodies = [mapping_of(entry.get("result")) for entry in results]
    return {
        text_of(body.get("tag")).removeprefix("application-"): {
            **{key: field for key, field in body.items() if key not in ("tag", "base")},
            **_base(body),
        }
        for body in bodies
        if body
    }


def _base(body: _Json) -> dict[str, str]:
    base = mapping_of(body.get("base"))
    name, channel = text_of(base.get("name")), text_of(base.get("channel"))
    return {"base": f"{name}@{channel.partition('/')[0]}"} if name else {}


def application_config(answer: _Json) -> dict[str, Any]:
    """Return what ``juju config APPLICATION`` prints, of ``Application.Get``.

    Args:
        answer: The answer of the facade.
    """
    return {
        "application": text_of(answer.get("application")),
        "application-config": mapping_of(answer.get("application-config")),
        "charm": text_of(answer.get("charm")),
        "settings": mapping_of(answer.get("config")),
    }


def model_config(answer: _Json) -> dict[str, Any]:
    """Return what ``juju model-config`` prints, of ``ModelConfig.ModelGet``.

    Args:
        answer: The answer of the facade.
    """
    return {
        name: {"Value": body.get("value"), "Source": body.get("source")}
        for name, option in mapping_of(answer.get("config")).items()
        for body in (mapping_of(option),)
    }
