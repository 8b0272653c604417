"""The words of CloudWatch."""
