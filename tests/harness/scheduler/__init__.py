"""EventBridge Scheduler as AWS has it, where the emulator has it otherwise."""
