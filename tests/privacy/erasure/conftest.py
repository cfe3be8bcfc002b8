"""The prepared scene is made once for all modules."""

from tests.privacy.erasure.prepared import prepared

__all__ = ["prepared"]
