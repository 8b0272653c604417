"""The words of CloudTrail."""
