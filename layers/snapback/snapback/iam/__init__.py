"""The words of IAM."""
