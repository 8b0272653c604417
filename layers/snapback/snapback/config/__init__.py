"""The words of Config."""
