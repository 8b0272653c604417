"""The words of EC2 and VPC."""
