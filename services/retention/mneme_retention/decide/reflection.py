"""Which memories belong together, and who is due for reflection (features.md, S1-14, S4-38)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from mneme_common.domain.text import term, words

NEWEST = 50
COOLDOWN = timedelta(seconds=7_200)

_FEWEST_MEMBERS, _FEWEST_SESSIONS = 3, 2
_NEGATIONS = frozenset({"no", "not", "never", "cannot"})

Signal = Literal["contradiction", "semantic_cluster"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A live memory, as far as reflection looks at it."""

    memory_id: UUID
    content: str
    session_id: str | None
    namespace: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reflection:
    """A live memory that was distilled from others; ``holds`` while every version that it rests on is current."""

    memory_id: UUID
    namespace: str | None
    key: str
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReflectedUser:
    """``new`` counts live memories, no reflections, that were written since ``reflected_at``."""

    user_id: str
    new: int
    reflected_at: datetime | None


@dataclass(frozen=True, slots=True)
class Cluster:
    """Memories about one thing, oldest first. ``topic`` is the index term that most of them share."""

    topic: str
    signal: Signal
    namespace: str | None
    members: tuple[Node, ...]

    @property
    def importance(self) -> float:
        """0.5 + min(0.3, 0.05 n) (S4-38)."""
        return round(0.5 + min(0.3, 0.05 * len(self.members)), 6)

    @property
    def key(self) -> str:
        """What identifies the memory that this becomes: reflecting again replaces it."""
        return f"reflection/{self.topic}"


def find_clusters(nodes: Sequence[Node]) -> list[Cluster]:
    """Among the newest 50: connected by a term that some share, at least 3 nodes of at least 2 sessions."""
    newest = sorted(nodes, key=lambda node: (node.created_at, node.memory_id))[-NEWEST:]
    by_namespace: dict[str | None, list[Node]] = defaultdict(list)
    for node in newest:
        by_namespace[node.namespace].append(node)
    found = [cluster for namespace, members in by_namespace.items() for cluster in _clusters(namespace, members)]
    return sorted(found, key=lambda cluster: (cluster.namespace or "", cluster.topic))


def is_due(now: datetime, new: int, last: datetime | None, *, threshold: int, interval: timedelta) -> bool:
    """Enough is new, or something is and the last reflection is long ago; never within the cooldown."""
    if last is not None and now - last < COOLDOWN:
        return False
    return new >= threshold or (new > 0 and last is not None and now - last >= interval)


def stale(reflections: Sequence[Reflection], made: frozenset[tuple[str | None, str]]) -> list[Reflection]:
    """Those that rest on something that is known no more, or otherwise now, unless they have just been made anew."""
    return [item for item in reflections if not item.holds and (item.namespace, item.key) not in made]


def _clusters(namespace: str | None, nodes: Sequence[Node]) -> list[Cluster]:
    """A term connects when three nodes have it at least, and half of all or four at most: the rest is no topic.

    The most frequent come first and take their nodes with them, so clusters do not overlap.
    """
    terms = {node.memory_id: _terms(node.content) for node in nodes}
    frequency = Counter(word for found in terms.values() for word in found)
    most = max(4, len(nodes) // 2)
    topical = {word for word, count in frequency.items() if _FEWEST_MEMBERS <= count <= most}
    clusters: list[Cluster] = []
    free = {node.memory_id: node for node in nodes}
    for word in sorted(topical, key=lambda word: (-frequency[word], word)):
        members = [node for node in free.values() if word in terms[node.memory_id]]
        if len(members) >= _FEWEST_MEMBERS and len({node.session_id for node in members}) >= _FEWEST_SESSIONS:
            clusters.append(Cluster(word, _signal(members, terms), namespace, tuple(members)))
            for node in members:
                del free[node.memory_id]
    return clusters


def _signal(members: Sequence[Node], terms: Mapping[UUID, frozenset[str]]) -> Signal:
    """Two that have the same terms, one of them denied, contradict each other."""
    polarity: dict[frozenset[str], set[bool]] = defaultdict(set)
    for node in members:
        polarity[terms[node.memory_id]].add(_is_denied(node.content))
    return "contradiction" if any(len(sides) == 2 for sides in polarity.values()) else "semantic_cluster"


def _terms(content: str) -> frozenset[str]:
    return frozenset(found for word in words(content) if (found := term(word)) and found != "not")


def _is_denied(content: str) -> bool:
    return any(word in _NEGATIONS or word.replace("\u2019", "'").endswith("n't") for word in words(content))
