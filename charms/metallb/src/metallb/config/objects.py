"""The objects that hold a configuration on the cluster: a ConfigMap, or custom resources."""

from typing import List

import yaml

from labcharm.json_types import JsonObject
from metallb.config.custom_resources import custom_resources
from metallb.config.decode import Configuration
from metallb.manifests.namespace import NAMESPACE
from metallb.releases import Release


def configuration_objects(release: Release, configuration: Configuration) -> List[JsonObject]:
    """Return the objects that a release reads a configuration from."""
    if release.uses_custom_resources:
        return custom_resources(configuration)
    text = yaml.safe_dump(configuration, default_flow_style=False, sort_keys=True)
    return [dict(empty_config_map(), data={"config": text if configuration else ""})]


def empty_config_map() -> JsonObject:
    """Return the ConfigMap of a configuration, without the configuration."""
    metadata = {"name": "config", "namespace": NAMESPACE}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
