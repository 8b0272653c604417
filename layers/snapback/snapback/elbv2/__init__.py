"""The words of Elastic Load Balancing."""
