"""The words of ElastiCache."""
