"""Reading of an existing model from files with the output of Juju's commands.

The kind of each file is recognised: ``juju status --format json``, ``juju show-application``,
``juju config APPLICATION``, ``juju model-constraints --format json``, or a bundle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, cast

from ..bundle.constraints import constraint_error
from ..bundle.parse import BundleSource, parse_bundle
from ..catalogue.model import Charm
from ..catalogue.yaml_files import load_yaml
from ..errors import BotlabError, FileError
from ..json_text import load_json
from ..juju import Juju
from .constraint_values import values_of_mapping
from .model import Model
from .model_bundle import model_of
from .model_details import add_applications, add_bundle, add_options
from .model_status import JsonObject, model_of_status, objects, refuse_large_status

_KINDS = (
    "use the output of `juju status --format json`, `juju show-application`, `juju config"
    " APPLICATION` or `juju model-constraints --format json`, or a bundle"
)
_STATUS_KEYS = ("model", "machines", "applications")


class ModelFile(NamedTuple):
    """A file that describes a model or a part of it.

    Attributes:
        text: Its content.
        name: Its name, for errors.
    """

    text: str
    name: str


def read_model(
    files: Sequence[ModelFile], juju: Juju, charms: Mapping[str, Charm] | None = None
) -> Model:
    """Return the model that some files describe together.

    Args:
        files: A status or a bundle, and files that add to it.
        juju: The release of the model.
        charms: The facts of the charms, by application name.

    Raises:
        BotlabError: When the kind of a file is not clear, or no file describes a whole model.
    """
    reader = _Reader(juju, charms or {})
    for file in files:
        reader.read(file)
    return reader.model(", ".join(file.name for file in files))


class _Reader:
    """Collects the documents, and then combines them."""

    def __init__(self, juju: Juju, charms: Mapping[str, Charm]) -> None:
        self._juju = juju
        self._charms = charms
        self._statuses: list[Model] = []
        self._bundles: list[Model] = []
        self._additions: list[Callable[[Model], None]] = []

    def read(self, file: ModelFile) -> None:
        """Recognise a file and read it."""
        document = _document(file)
        if document is None or ("applications" in document and "model" not in document):
            self._bundles.append(self._bundle(file))
        elif all(isinstance(document.get(key), dict) for key in _STATUS_KEYS):
            refuse_large_status(document, file.name)
            self._statuses.append(model_of_status(document, self._juju))
        elif "application" in document and "settings" in document:
            self._additions.append(lambda model: add_options(model, document, self._juju))
        elif _is_show_application(document):
            self._additions.append(lambda model: add_applications(model, document))
        elif self._is_constraints(document):
            self._additions.append(lambda model: _add_constraints(model, document))
        else:
            raise FileError(file.name, f"does not describe a model; {_KINDS}")

    def _bundle(self, file: ModelFile) -> Model:
        parsed = parse_bundle(BundleSource(file.text, file.name, ""), self._juju)
        if parsed.is_refused or not parsed.bundle.applications:
            raise FileError(file.name, f"does not describe a model; {_KINDS}")
        return model_of(parsed.bundle, self._juju, self._charms)

    def _is_constraints(self, document: JsonObject) -> bool:
        return not any(constraint_error(f"{name}=", self._juju) for name in document)

    def model(self, names: str) -> Model:
        """Return the model of all files that were read."""
        models = self._statuses or self._bundles
        if len(models) != 1:
            problem = "describe several models" if models else "do not describe a whole model"
            raise BotlabError(
                f"{names}: {problem}; give one file with the output of `juju status --format json`"
            )
        model = models[0]
        for addition in self._additions:
            addition(model)
        for bundle in self._bundles if self._statuses else ():
            add_bundle(model, bundle)
        return model


def _document(file: ModelFile) -> JsonObject | None:
    """Return the mapping of a file; None if it can only be a bundle of several documents."""
    if not file.text.lstrip().startswith("{"):
        try:
            return load_yaml(file.text, file.name)
        except BotlabError:
            return None
    return cast("dict[str, Any]", load_json(file.text, file.name))


def _is_show_application(document: JsonObject) -> bool:
    applications = objects(document)
    keys = {"principal", "endpoint-bindings", "constraints"}
    is_complete = bool(document) and len(applications) == len(document)
    return is_complete and all("charm" in a and keys & set(a) for a in applications.values())


def _add_constraints(model: Model, document: JsonObject) -> None:
    model.constraints = values_of_mapping(document)
