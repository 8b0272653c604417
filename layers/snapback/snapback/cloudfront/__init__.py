"""The words of CloudFront."""
