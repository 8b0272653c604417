"""The words of Lambda."""
