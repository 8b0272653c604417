"""The engine in worlds in which several act at once and anything may go wrong between any two calls (docs/adr/0009-simulation.md)."""
