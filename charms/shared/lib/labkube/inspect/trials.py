"""Deletion of the objects that an action creates for a trial."""

from typing import Callable

from labcharm.json_types import JsonObject
from labkube.client.api import Api, ApiError


def delete_trial(api: Api, live: JsonObject, sleep: Callable[[float], None]) -> None:
    """Delete an object of a trial, with a second try, because a trial should leave nothing.

    Raises:
        ApiError: When the second try fails as well.
    """
    try:
        api.delete(live)
    except ApiError:
        sleep(1)
        api.delete(live)
