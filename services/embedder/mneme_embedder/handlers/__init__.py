"""What was written: read → bring the index up to date → announce."""
