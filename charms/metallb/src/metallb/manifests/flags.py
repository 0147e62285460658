"""The flags of MetalLB's programs, as the containers of their workloads have them."""

from typing import Iterable, List

from labcharm.json_types import JsonObject


def flag(objects: Iterable[JsonObject], program: str, name: str) -> str:
    """Return the value of a program's flag: "true" for one without a value, empty without it.

    Args:
        objects: The objects of a release.
        program: controller or speaker, which is also the name of the workload.
        name: The flag, such as lb-class.
    """
    values = [
        value if equals else "true"
        for argument in _arguments(objects, program)
        for key, equals, value in [argument.lstrip("-").partition("=")]
        if key == name
    ]
    return values[-1] if values else ""


def _arguments(objects: Iterable[JsonObject], program: str) -> List[str]:
    return [
        str(argument)
        for manifest in objects
        if manifest["kind"] in ("Deployment", "DaemonSet")
        and manifest["metadata"]["name"] == program
        for container in manifest["spec"]["template"]["spec"]["containers"]
        for argument in container.get("args") or []
    ]
