"""What tests of the privacy rooms share."""

from tests.privacy.handing import handing

__all__ = ["handing"]
