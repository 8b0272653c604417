"""The words of Organizations."""
