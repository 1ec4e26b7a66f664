"""What the forge answers, by subject."""
