"""The words of RDS, Aurora, DocumentDB and Neptune."""
