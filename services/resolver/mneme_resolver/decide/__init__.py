"""What becomes of an event: pure functions of the event, the user's state and the time.

``decide_*`` chooses and gives reasons (a Decision, which is stored); ``fold`` turns event and decision
into rows. A replay folds the stored decisions; a re-decision runs today's ``decide_*`` and compares.
"""
