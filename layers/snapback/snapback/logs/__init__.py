"""The words of CloudWatch Logs."""
