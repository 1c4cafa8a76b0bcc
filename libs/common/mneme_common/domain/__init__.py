"""What a message, a memory and an identifier are. Pure: no I/O, no clock, no framework."""
