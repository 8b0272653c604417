"""Tests of the layer, module by module."""
