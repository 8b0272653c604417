"""Small remediations of the simulation's own: what the engine does with them, it does with all."""
