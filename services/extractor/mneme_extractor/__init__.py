"""Recorded messages in, proposals out.

In: ``message.recorded`` from the changes. Out: a ``memories.proposed`` command for each revision of a message in which
there is something to remember or to forget, and an ``extractions.noted`` for those of a user in which there is nothing.
"""
