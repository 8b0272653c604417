"""The words of Certificate Manager."""
