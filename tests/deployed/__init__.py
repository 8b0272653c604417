"""Tests of the template as it is deployed into a local account."""
