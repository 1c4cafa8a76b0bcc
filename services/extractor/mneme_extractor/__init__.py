"""Recorded messages in, proposals out.

In: ``message.recorded`` from the changes. Out: one ``memories.proposed`` command for each revision of a message, with
everything in it that is worth remembering or was asked to be forgotten; often nothing.
"""
