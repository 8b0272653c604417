"""What the tests stand on: an account in memory, Lambda around a handler, faults, and the discovery of all remediations."""
