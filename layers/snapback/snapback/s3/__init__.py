"""The words of S3."""
