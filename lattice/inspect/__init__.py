"""What a look is like: measured against its exact chain, and drawn."""
