"""RDS, Aurora, DocumentDB and Neptune as AWS has it, where the emulator has it otherwise."""
