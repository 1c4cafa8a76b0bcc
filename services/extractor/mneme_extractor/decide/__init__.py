"""What is worth remembering, decided purely: no I/O, no clock, no logging, no async.

In: an utterance, or what a model answered to one. Out: statements with their spans, or the next step to take.
"""
