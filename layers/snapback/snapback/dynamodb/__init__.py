"""The words of DynamoDB."""
