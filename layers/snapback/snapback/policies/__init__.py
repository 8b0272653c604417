"""Policies: reading and editing them, and the one place that judges whom they let in."""
