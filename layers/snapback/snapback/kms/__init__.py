"""The words of KMS."""
