"""A real S3 server over TLS for the backups that go to a bucket."""

from tests.recordings.stores.conftest import bucket, s3, s3_terms

__all__ = ["bucket", "s3", "s3_terms"]
