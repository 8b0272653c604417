"""The words of Macie."""
