"""The words of ECS."""
