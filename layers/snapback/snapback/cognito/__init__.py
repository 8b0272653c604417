"""The words of Cognito."""
