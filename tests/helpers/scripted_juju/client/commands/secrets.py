"""Commands about secrets of users. Their contents are not part of the state."""

from __future__ import annotations

from ..arguments import Arguments, assignments
from ..errors import CommandError, not_found, usage_error
from ..objects import application_of, model_of
from ..output import Output, formatted, yaml_text
from ..store import JsonObject


def secrets(state: JsonObject, arguments: Arguments) -> Output:
    """List the secrets."""
    return formatted(arguments, model_of(state, arguments)["secrets"], "")


def show_secret(state: JsonObject, arguments: Arguments) -> Output:
    """Show a secret with the applications that may read it (cmd/juju/secrets/list.go).

    Raises:
        CommandError: The model has no such secret.
    """
    model, uri = model_of(state, arguments), arguments.words[0]
    number = uri.removeprefix("secret:")
    if number not in model["secrets"]:
        raise not_found("secret", number)
    access = [
        {"target": f"application-{name}", "scope": f"model-{model['uuid']}", "role": "view"}
        for name, application in model["applications"].items()
        if uri in application.get("secrets", [])
    ]
    shown = {**model["secrets"][number], **({"access": access} if access else {})}
    return formatted(arguments, {number: shown}, yaml_text({number: shown}))


def add_secret(state: JsonObject, arguments: Arguments) -> Output:
    """Add a secret, and print its URI."""
    if not arguments.words:
        raise usage_error("missing secret name")
    name, *pairs = arguments.words
    _require_content(pairs, arguments)
    secrets_of_model = model_of(state, arguments)["secrets"]
    number = f"d2k3rbjmp25c7t4m{len(secrets_of_model):04d}"
    secrets_of_model[number] = {"name": name, "revision": 1}
    return Output(f"secret:{number}\n")


def _require_content(pairs: list[str], arguments: Arguments) -> None:
    """Check that there is content, and that the files of KEY#file=FILE exist."""
    if not pairs and not arguments.value("file"):
        raise usage_error("missing secret value or filename")
    for key, value in assignments(pairs).items():
        if key.endswith("#file"):
            with open(value):
                pass


def update_secret(state: JsonObject, arguments: Arguments) -> Output:
    """Add a revision of a secret."""
    if not arguments.words:
        raise usage_error("missing secret URI")
    uri, *pairs = arguments.words
    _require_content(pairs, arguments)
    number = uri.removeprefix("secret:")
    secret = model_of(state, arguments)["secrets"].get(number)
    if secret is None:
        raise CommandError(f'secret "{number}" not found')
    secret["revision"] += 1
    return Output()


def grant_secret(state: JsonObject, arguments: Arguments) -> Output:
    """Let applications read a secret. They must exist."""
    if len(arguments.words) != 2:
        raise usage_error("missing secret URI and application name")
    secret, names = arguments.words
    model = model_of(state, arguments)
    for name in names.split(","):
        application = application_of(model, name)
        application["secrets"] = sorted({*application.get("secrets", []), secret})
    return Output()
