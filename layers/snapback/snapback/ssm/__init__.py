"""The words of Systems Manager."""
