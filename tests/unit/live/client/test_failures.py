"""The messages of the client, and the errors that they become.

The messages are those that clients printed (4.0.15), or that their source has (2.9, 3.6, 4.0).
"""

from __future__ import annotations

import pytest

from botlab.live.client.failures import failure
from botlab.live.errors import (
    CommandFailedError,
    ControllerMissingError,
    LiveError,
    LoginError,
    ModelMissingError,
    UnreachableError,
    UnsupportedError,
)
from botlab.live.process import ProcessResult

NO_CONTROLLERS = """ERROR No controllers registered.

Please either create a new controller using "juju bootstrap" or connect to
another controller that you have been given access to using "juju register".

"""
NO_CONTROLLER_SELECTED = """ERROR No selected controller.

Use "juju switch" to select from the following controllers:

  - lab
"""
NO_MODEL_SELECTED = """ERROR No model in focus.

Please use "juju models" to see models available to you.
You can set current model by running "juju switch"
or specify any other model on the command line using the "-m" option.
"""
INCOMPATIBLE = """ERROR
juju client not compatible with server: Juju 4.0 doesn't support bundles (not implemented)
re-install your juju client to match the version running on the controller
"""


def error_of(stderr: str, model: str = "lab:admin/bot", status: int = 1) -> LiveError:
    return failure("juju status", ProcessResult(status, "", stderr), model)


@pytest.mark.parametrize(
    ("stderr", "kind"),
    [
        (
            'ERROR cannot deploy bundle: cannot update options for application "metallb": config'
            " yaml not supported not implemented\n",
            CommandFailedError,
        ),
        (
            "ERROR no such request - method Application(19).Deploy is not implemented (not"
            " implemented)\n",
            UnsupportedError,
        ),
        (NO_CONTROLLERS, ControllerMissingError),
        (NO_CONTROLLER_SELECTED, ControllerMissingError),
        ("ERROR there is no active controller\n", ControllerMissingError),
        ("ERROR controller nosuch not found\n", ControllerMissingError),
        (
            "ERROR opening API connection: unable to connect to API: tls: failed to verify"
            " certificate: x509: certificate is not valid for any names\n",
            ControllerMissingError,
        ),
        (NO_MODEL_SELECTED, ModelMissingError),
        ("ERROR current model for controller lab not found\n", ModelMissingError),
        ("ERROR model lab:admin/bot not found\n", ModelMissingError),
        ('ERROR unknown model: "f00ba4" (model not found)\n', ModelMissingError),
        (
            "ERROR model \"admin/bot\" has been removed from the controller, run 'juju models' and"
            " switch to one of them.\n",
            ModelMissingError,
        ),
        ('ERROR refreshing models: controller "lab": not logged\n', LoginError),
        ("ERROR not logged in\n", LoginError),
        ("ERROR invalid entity name or password (unauthorized access)\n", LoginError),
        ("please enter password for admin on lab: \nERROR inappropriate ioctl\n", LoginError),
        ("ERROR cannot get discharge from https://login: interaction required\n", LoginError),
        ("ERROR permission denied (unauthorized access)\n", LoginError),
        ("ERROR permission denied\n", LoginError),
        ("ubuntu@192.0.2.1: Permission denied (publickey).\n", LoginError),
        (
            "ERROR unable to connect to API: dial tcp 192.0.2.5:17070: connect: connection"
            " refused\n",
            UnreachableError,
        ),
        ("ERROR opening API connection: no reachable servers\n", UnreachableError),
        ("ERROR cannot get model details: connection is shut down\n", UnreachableError),
        ("ERROR dial tcp 192.0.2.5:17070: i/o timeout\n", UnreachableError),
        ("ERROR EOF\n", UnreachableError),
        (INCOMPATIBLE, UnsupportedError),
        (
            'ERROR juju: "exec" is not a juju command. See "juju --help".\n',
            UnsupportedError,
        ),
        ("ssh: connect to host 192.0.2.1 port 22: No route to host\n", LiveError),
        ('ERROR application "x" not found\n', CommandFailedError),
        ("", CommandFailedError),
    ],
)
def test_kind_of_each_message(stderr: str, kind: type[LiveError]) -> None:
    assert type(error_of(stderr)) is kind


def test_login_names_the_controller() -> None:
    assert str(error_of("ERROR not logged in\n")) == (
        "juju status: not logged in; log in with `juju login -c lab`"
    )
    assert str(error_of("ERROR not logged in\n", "")) == (
        "juju status: not logged in; log in with `juju login`"
    )


def test_password_prompt_is_a_missing_login() -> None:
    """Standard input is empty, so that the client cannot read a password."""
    stderr = "please enter password for admin on lab: \nERROR inappropriate ioctl for device\n"
    assert str(error_of(stderr)) == (
        "juju status: the controller asks for a password; log in with `juju login -c lab`"
    )


def test_missing_model_has_its_name_and_the_command_that_creates_it() -> None:
    error = error_of("ERROR model lab:admin/bot not found\n")
    assert isinstance(error, ModelMissingError)
    assert error.model == "bot"
    assert str(error) == (
        "juju status: model lab:admin/bot not found; create the model with `juju add-model -c lab"
        " bot`, or name another one with --model (juju models lists them)"
    )


def test_selected_model_that_is_missing_has_no_name() -> None:
    error = error_of(NO_MODEL_SELECTED, "")
    assert isinstance(error, ModelMissingError)
    assert error.model == ""
    assert "create the model with `juju add-model NAME`" in str(error)


def test_text_of_an_unreachable_controller_says_what_to_check() -> None:
    assert str(error_of("ERROR no reachable servers\n")) == (
        "juju status: no reachable servers; check that the controller's machine is up and that the"
        " network reaches it (juju show-controller names its addresses)"
    )


def test_missing_ssh_key_has_the_command_that_adds_it() -> None:
    assert str(error_of("ubuntu@192.0.2.1: Permission denied (publickey).\n")) == (
        "juju status: ubuntu@192.0.2.1: Permission denied (publickey); the machines do not have"
        " your SSH key: add it with `juju add-ssh-key -m lab:admin/bot"
        ' "$(cat ~/.ssh/id_ed25519.pub)"`'
    )


def test_other_error_is_the_last_one_without_the_progress_before_it() -> None:
    stderr = "WARNING something\n- upload charm\nERROR cannot deploy bundle:\n  two lines\n"
    error = error_of(stderr, status=2)
    assert isinstance(error, CommandFailedError)
    assert (error.status, str(error)) == (2, "juju status: cannot deploy bundle: two lines")


def test_failure_without_a_message_has_the_exit_status() -> None:
    assert str(error_of("", status=-9)) == "juju status: exit status -9, without a message"


def test_long_message_is_cut() -> None:
    text = str(error_of(f"ERROR not logged in {'x' * 1000}\n"))
    assert text.startswith("juju status: not logged in xxx")
    assert len(text) < 500
