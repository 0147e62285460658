"""OpenTofu or Terraform with a provider that has the schema of botlab's table."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from botlab.terraform.schema import AttributeSchema, BlockSchema, resource_schemas
from helpers.go_programs import UnavailableError, built_program

SOURCE = Path(__file__).resolve().parents[1] / "conformance/terraform-provider-juju"
# OpenTofu and Terraform look for the provider juju/juju in their own registries.
_REGISTRIES = {"tofu": "registry.opentofu.org", "terraform": "registry.terraform.io"}
_NESTING = {"application": "set", "timeouts": "single"}


class TerraformProgram:
    """The program, and the provider that it uses.

    Args:
        directory: An empty directory for the schema and the settings.

    Raises:
        UnavailableError: When neither program is installed, or the provider cannot be built.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        names = [name for name in _REGISTRIES if shutil.which(name)]
        if not names:
            raise UnavailableError("neither tofu nor terraform is on the PATH")
        self.name = names[0]
        provider = built_program(SOURCE, "terraform").parent
        override = f'"{_REGISTRIES[self.name]}/juju/juju" = "{provider}"'
        settings = f"provider_installation {{\n  dev_overrides {{\n    {override}\n  }}\n}}\n"
        (directory / "settings").write_text(settings, encoding="utf-8")

    def validate(self, plan: Path, line: str) -> str:
        """Return what ``validate`` refuses in a plan; empty when it accepts the plan.

        Args:
            plan: The directory of the plan.
            line: The line of the provider.
        """
        schema = self._directory / f"{line}.json"
        schema.write_text(json.dumps(schema_json(line)), encoding="utf-8")
        process = self._run(plan, "validate", "-no-color", "-json", STUB_SCHEMA=str(schema))
        report = json.loads(process.stdout)
        errors = [entry for entry in report["diagnostics"] if entry["severity"] == "error"]
        assert report["valid"] is (not errors)
        return "\n".join(f"{entry['summary']}: {entry['detail']}" for entry in errors)

    def unformatted(self, directory: Path) -> str:
        """Return the differences that ``fmt`` would make in all plans of a directory."""
        process = self._run(directory, "fmt", "-check", "-diff", "-no-color")
        assert bool(process.returncode) is bool(process.stdout), process.stderr
        return process.stdout

    def evaluate(self, directory: Path, expressions: list[str]) -> list[Any]:
        """Return the values of expressions."""
        text = f"jsonencode([{', '.join(expressions)}])\n"
        process = self._run(directory, "console", text=text)
        assert process.returncode == 0, process.stderr
        return json.loads(json.loads(process.stdout))

    def _run(
        self, directory: Path, *words: str, text: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        settings = str(self._directory / "settings")
        # Terraform would ask a server for newer releases.
        own = {"TF_CLI_CONFIG_FILE": settings, "CHECKPOINT_DISABLE": "1"}
        environment = {**os.environ, **own, **variables}
        return subprocess.run(
            [self.name, *words], cwd=directory, env=environment, input=text, text=True,
            capture_output=True, timeout=120, check=False,
        )  # fmt: skip


def schema_json(line: str) -> dict[str, Any]:
    """Return the resources of a line of the provider as ``providers schema -json`` does."""
    resources = {
        name: {"block": _block_json(schema)} for name, schema in resource_schemas(line).items()
    }
    return {"resource_schemas": resources}


def _block_json(schema: BlockSchema) -> dict[str, Any]:
    blocks: dict[str, Any] = {}
    for name, inner in schema.blocks.items():
        mode = _NESTING.get(name, "list")
        blocks[name] = {"block": _block_json(inner), "nesting_mode": mode}
        if mode != "single":
            blocks[name] |= dict(zip(("min_items", "max_items"), inner.count, strict=True))
    attributes = {name: _attribute_json(entry) for name, entry in schema.attributes.items()}
    return {"attributes": attributes, "block_types": blocks}


def _attribute_json(schema: AttributeSchema) -> dict[str, Any]:
    is_optional = not (schema.required or schema.computed)
    flags = {"required": schema.required, "computed": schema.computed, "optional": is_optional}
    outer, _, inner = schema.type.partition(" of ")
    if inner == "object":
        attributes = {name: _attribute_json(entry) for name, entry in schema.attributes.items()}
        return {**flags, "nested_type": {"attributes": attributes, "nesting_mode": outer}}
    return {**flags, "type": [outer, inner] if inner else outer}
