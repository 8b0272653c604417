"""The words of EKS."""
