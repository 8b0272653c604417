"""The handlers that `make new` begins with, one for each shape of a problem."""
