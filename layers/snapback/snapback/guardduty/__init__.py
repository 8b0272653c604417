"""The words of GuardDuty."""
