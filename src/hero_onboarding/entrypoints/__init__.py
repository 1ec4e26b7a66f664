"""The three console scripts."""
