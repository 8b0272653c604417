"""The words of Security Hub."""
