"""What is due, as pure functions of values."""
