"""A release's objects as upstream publishes them, stored on the cluster beside the state.

The live objects were changed to fit the site, and Secrets and large objects carry no annotation of
what was applied. With this snapshot every leader knows the whole installation and can fit it again
to new options, even if other manifests are at hand, or none. Secrets in kube-system hold the
snapshot, because some of the objects are Secrets.
"""

import base64
import hashlib
import json
import zlib
from typing import Dict, List, Optional, Tuple

from labcharm.json_types import JsonObject
from labkube.apply.objects import Objects
from labkube.client.api import Api

# Bytes. A Secret holds 1 MiB (core/v1, MaxSecretSize); the 11 MB of YAML of 26.03 take 0.64 MB.
PART_SIZE = 800 * 1024


class Snapshot:
    """Stores and returns a release's objects.

    Args:
        api: The cluster.
        objects: The application's objects.
        name: The name of the Secrets, before a dash and a number.
        part_size: How many bytes one Secret holds; passed in by tests.
    """

    def __init__(self, api: Api, objects: Objects, name: str, part_size: int = PART_SIZE) -> None:
        self._api, self._objects, self._name = api, objects, name
        self._part_size = part_size

    def read(self) -> Optional[List[JsonObject]]:
        """Return the stored objects; None if there is no snapshot or a part of it is missing."""
        digest, parts = self._parts()
        if not parts or None in parts:
            return None
        try:
            text = zlib.decompress(b"".join(part or b"" for part in parts))
        except zlib.error:
            return None
        return list(json.loads(text.decode("utf-8"))) if _digest(text) == digest else None

    def holds(self, objects: List[JsonObject]) -> bool:
        """Return whether exactly these objects are stored.

        The digest is of the text before compression, since compressed bytes differ by machine.
        """
        digest, parts = self._parts()
        return bool(parts) and None not in parts and digest == _digest(_serialize(objects))

    def write(self, objects: List[JsonObject]) -> None:
        """Store these objects in place of the previous ones.

        Raises:
            ApiError: When the server refuses a Secret.
        """
        text = _serialize(objects)
        body, size = zlib.compress(text, 9), self._part_size
        parts = [body[start : start + size] for start in range(0, len(body), size)]
        header = {"digest": _digest(text), "parts": str(len(parts)).encode()}
        secrets = [
            self._secret(number, dict(header, part=part)) for number, part in enumerate(parts)
        ]
        self._objects.apply(secrets, prune=False)
        surplus = len(parts)
        while self._api.delete(self._secret(surplus, {})):
            surplus += 1

    def contains(self, live: JsonObject) -> bool:
        """Return whether a live object is one of the snapshot's Secrets."""
        metadata = live["metadata"]
        is_secret = (live["kind"], metadata.get("namespace")) == ("Secret", "kube-system")
        return is_secret and metadata["name"].startswith(self._name + "-")

    def _parts(self) -> Tuple[bytes, List[Optional[bytes]]]:
        """Return the digest and the parts; None for each missing part."""
        first = self._read_secret(0)
        digest, count = first.get("digest", b""), first.get("parts", b"")
        further = [self._read_secret(number) for number in range(1, _count(count))]
        contents = [first, *further] if first else []
        return digest, [
            content.get("part") if content.get("digest") == digest else None
            for content in contents
        ]

    def _read_secret(self, number: int) -> Dict[str, bytes]:
        live = self._api.get(self._secret(number, {}))
        if live is None or not self._objects.owns(live):
            return {}
        encoded: Dict[str, str] = live.get("data") or {}
        try:
            return {key: base64.b64decode(text) for key, text in encoded.items()}
        except ValueError:  # another writer has replaced it
            return {}

    def _secret(self, number: int, content: Dict[str, bytes]) -> JsonObject:
        secret: JsonObject = {"apiVersion": "v1", "kind": "Secret", "type": "Opaque"}
        secret["metadata"] = {"name": f"{self._name}-{number}", "namespace": "kube-system"}
        secret["data"] = {
            key: base64.b64encode(part).decode("ascii") for key, part in content.items()
        }
        return secret


def _count(text: bytes) -> int:
    """Return the number of parts; 0 where it is not one that a release needs."""
    return int(text) if text.isdigit() and len(text) < 4 else 0


def _serialize(objects: List[JsonObject]) -> bytes:
    return json.dumps(objects, sort_keys=True, separators=(",", ":")).encode("utf-8")


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest().encode("ascii")
