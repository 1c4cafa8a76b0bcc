"""Sending many messages. In: turns in order. Out: each of them recorded once, however often it had to be sent."""
