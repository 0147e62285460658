"""Names for the types of data that was read from JSON or YAML and has no type of its own."""

from typing import Any, Dict, Mapping

# Any value that a JSON or YAML parser returns.
JsonValue = Any
# A mapping that may be changed, such as an object of a Kubernetes API.
JsonObject = Dict[str, Any]
# A mapping that is only read.
JsonMapping = Mapping[str, Any]
