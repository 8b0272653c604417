"""The words of CloudFormation."""
