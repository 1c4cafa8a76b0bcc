"""Which memory somebody means who asks for it to be corrected or forgotten: relevance alone, and enough of it.

Neither time nor confidence has a say, and what merely stands first among unrelated memories is not meant: a memory is
a match when it shares a term with the query, or when their cosine reaches SIMILAR.
"""

from __future__ import annotations

import numpy as np

from mneme_gateway.decide.ranking import Components, Features, Profile
from mneme_gateway.decide.ranking_profiles import bounded

SIMILAR = 0.5


def _components(of: Features) -> Components:
    vector = np.nan_to_num(np.maximum(of.similarity, 0), nan=0.0)
    related = (of.keyword > 0) | (vector >= SIMILAR)
    return {"vector": vector, "keyword": bounded(of.keyword), "related": related.astype(np.float64)}


MATCH = Profile("match", {"vector": 0.5, "keyword": 0.5}, _components, floors={"related": 1.0})
