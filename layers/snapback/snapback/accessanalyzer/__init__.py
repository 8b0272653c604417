"""The words of IAM Access Analyzer."""
