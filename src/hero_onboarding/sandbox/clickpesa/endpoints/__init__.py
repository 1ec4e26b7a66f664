"""The calls, by family."""
