"""What is embedded, and what a change means for the vectors. Pure."""
