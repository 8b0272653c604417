"""The words of WAF."""
