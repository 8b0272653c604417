"""Tests of the programs in local/."""
