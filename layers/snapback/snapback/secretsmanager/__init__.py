"""The words of Secrets Manager."""
