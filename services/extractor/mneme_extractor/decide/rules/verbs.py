"""Verbs that report something done, and verbs that announce something to come."""

from __future__ import annotations

from mneme_extractor.decide.vocabulary import vocabulary

IRREGULAR_PAST = vocabulary(
    """
    ate became began bent bet bit blew bought broke brought built came caught chose cut did dived drank
    drew drove fed fell fled flew fought found froze gave got grew had held hid hit hung hurt kept knit
    laid led left lent lost made met moved paid put quit ran rang rode rose sang sat saw sent set sewed
    shook shot slept sold spent split spoke spread stole stood stuck swam swept swore taught threw took
    tore went woke won wore wrote took read
    """
)
ELIDED = vocabulary(
    """
    adopted ate attended baked became began bought brought built came cooked did drank drew drove fell
    finished flew got grew had held hiked joined knit laid made met moved paid painted ran rode sang sat
    sent sewed slept sold started stood swam taught threw took tore visited went woke won wrote
    """
)
"""Past tenses with which a sentence begins when its subject, the speaker, is left out ("Got a puppy last week")."""
REPORTS_NO_DEED = vocabulary(
    """
    thought felt knew wanted hoped wished guessed liked loved hated enjoyed needed noticed realized
    realised remembered forgot believed seemed looked appeared wondered decided heard said told asked
    mentioned agreed understood meant missed used ended kept figured learned learnt imagined expected
    doubted cared wanted struggled talked discussed shared posted chatted texted did got had
    """
)
"""States of mind and empty verbs; some count again with what follows them (see events)."""
ANNOUNCED = (
    "going|visiting|meeting|flying|travelling|traveling|driving|having|starting|moving|seeing|leaving|taking"
    "|hosting|attending|celebrating|throwing|running|performing|speaking|presenting|playing|joining|launching"
    "|graduating|competing|heading|participating|returning|getting married|volunteering|camping|hiking"
    "|interviewing|opening|closing"
)
