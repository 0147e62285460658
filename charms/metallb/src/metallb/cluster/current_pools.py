"""The pools that this application has on the cluster now."""

from typing import Callable, List

from labcharm.json_types import JsonObject
from labkube.client.api import Api, UnknownKindError
from metallb.config.custom_resources import ADDRESS_POOL
from metallb.config.decode import decode
from metallb.config.errors import RefusedError
from metallb.config.objects import empty_config_map
from metallb.config.pools import Pool, read_pools
from metallb.releases import FIRST_WITH_CUSTOM_RESOURCES

# The last release that reads a ConfigMap. Its parser accepts the configurations of earlier ones.
_LAST_WITH_CONFIG_MAP = (0, 12, 1)


def current_pools(api: Api, is_owned: Callable[[JsonObject], bool]) -> List[Pool]:
    """Return the pools of this application, from its ConfigMap or its custom resources.

    Args:
        api: The cluster.
        is_owned: Returns whether an object on the cluster belongs to this application.
    """
    config_map = api.get(empty_config_map())
    if config_map is not None and is_owned(config_map):
        return _pools_of_text(str((config_map.get("data") or {}).get("config", "")))
    try:
        address_pools = api.list(*ADDRESS_POOL)
    except UnknownKindError:
        return []
    pools = [
        {
            "name": pool["metadata"]["name"],
            "addresses": pool.get("spec", {}).get("addresses") or [],
            "avoid-buggy-ips": pool.get("spec", {}).get("avoidBuggyIPs", False),
        }
        for pool in address_pools
        if is_owned(pool)
    ]
    return read_pools({"address-pools": pools}, FIRST_WITH_CUSTOM_RESOURCES)


def _pools_of_text(text: str) -> List[Pool]:
    try:
        return read_pools(decode(text, _LAST_WITH_CONFIG_MAP), _LAST_WITH_CONFIG_MAP)
    except RefusedError:
        return []
