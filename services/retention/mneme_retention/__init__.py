"""Forgets what is due, by asking for it: it writes no memory itself.

In: jobs, and the clock. Out: ``retention.apply`` commands to the resolver, and the results of the jobs.
"""
