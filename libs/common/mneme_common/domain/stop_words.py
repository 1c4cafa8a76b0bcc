"""English words of grammar rather than content, question words among them: no index terms."""

from __future__ import annotations

_WORDS = """
a an the this that these those such one ones
i me my mine myself you your yours yourself yourselves we us our ours ourselves
he him his himself she her hers herself it its itself they them their theirs themselves
who whom whose what which when where why how
whether whatever whichever whoever whenever wherever
am is are was were be been being do does did doing done have has had having
can could may might must shall should will would ought let lets
of in on at by for with about against between into through during before after above below to from
up down out off over under upon within without toward towards among per via
and but or nor if because as until while than so then though although since
not no only own same too very just also again further once here there now
all any both each few more most other some either neither ever even still yet quite rather really
"""

STOP_WORDS = frozenset(_WORDS.split())
