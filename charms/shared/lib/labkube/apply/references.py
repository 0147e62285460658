"""Old module name, removed at the end: see labkube.client.references."""

from labkube.client.references import Ref, name_of, ref_of

__all__ = ["Ref", "name_of", "ref_of"]
