"""Changes in, vectors out.

In: ``message.recorded``, ``message.changed``, ``memory.changed``. Out: one vector for each version of a record, open
as long as the version is, and ``memory.indexed`` once it can be found by it.
"""
