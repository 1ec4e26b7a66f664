"""Companies that collect money for us, each behind the protocol of payments."""
