"""The engine with one guard taken away: each such mutant has a test that sees it."""
