"""Laws over all remediations, found by discovery: a new one is covered without being listed."""
