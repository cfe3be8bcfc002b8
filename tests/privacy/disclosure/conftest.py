"""A request for disclosure that a second person approved, and who answers it."""

from tests.privacy.requests.conftest import requests

__all__ = ["requests"]
