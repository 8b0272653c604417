"""The words of Inspector."""
