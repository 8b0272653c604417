"""The words of Shield."""
