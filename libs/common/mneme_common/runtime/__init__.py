"""The running of workers: one loop that owns acknowledgement, retry and burial; nothing else commits an offset.

In: records of the stage's topics. Out: the records that the stage emits, dead letters, and exact offsets, in the order
apply → commit → emit → mark → commit offsets (guarantee 2).
"""
