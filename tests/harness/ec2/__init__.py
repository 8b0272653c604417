"""EC2 and VPC as AWS has it, where the emulator has it otherwise."""
