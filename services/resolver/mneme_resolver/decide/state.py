"""What the resolver knows of one user while it folds a batch: loaded once, then kept current event by event."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from mneme_common.domain.memory_schema import ActiveSchema
from mneme_common.domain.records import Memory, Message
from mneme_resolver.decide.bm25 import ClassIndex, weighted_terms
from mneme_resolver.decide.classes import CLASSES, MemoryClass
from mneme_resolver.decide.effects import Effects
from mneme_resolver.decide.identity import object_key
from mneme_resolver.decide.tenant_classes import matched_class

APART = "#"
"""In the key of a memory that another one of the same identity stands beside."""

Reading = tuple[UUID, str, str]
"""One revision in one run: the event that gave it its text, schema version, run."""


@dataclass(slots=True)
class UserState:
    """The current records that a batch concerns; ``create_only`` and its classes are the kill switch (S1-50).

    ``whole`` are the classes of which every live memory is here.
    """

    tenant_id: str
    user_id: str
    head_seq: int = 0
    head_time: datetime | None = None
    emitted_seq: int = 0
    erased_seq: int = 0
    erased_at: datetime | None = None
    create_only: bool = False
    create_only_classes: frozenset[str] = frozenset()
    switch_version: int | None = None
    messages: dict[UUID, Message] = field(default_factory=dict)
    memories: dict[UUID, Memory] = field(default_factory=dict)
    roots: dict[UUID, UUID] = field(default_factory=dict)
    _chains: dict[UUID, dict[int, Memory]] = field(default_factory=dict)
    read: set[Reading] = field(default_factory=set)
    whole: set[str] = field(default_factory=set)
    _by_identity: dict[tuple[str, str], UUID] = field(default_factory=dict)
    _by_root: dict[UUID, UUID] = field(default_factory=dict)
    _indexes: dict[str, ClassIndex] = field(default_factory=dict)
    _schema: ActiveSchema | None = None
    _own: dict[str, MemoryClass] = field(default_factory=dict)
    _own_keys: dict[str, dict[str, UUID]] = field(default_factory=dict)
    _touched: set[UUID] = field(default_factory=set)

    def inherit(self, earlier: UserState) -> None:
        """Takes over what an earlier state, which stood at this very position, kept for later."""
        self.memories, self.roots, self.whole = earlier.memories, earlier.roots, earlier.whole
        self._chains, self._indexes = earlier._chains, earlier._indexes
        self._by_identity, self._by_root = earlier._by_identity, earlier._by_root

    def kept_for_later(self) -> UserState | None:
        """What the next batch need not load: live memories of everybody's classes that are whole, and their indexes.

        This state is not to be used any more. A tenant's own classes are what its schema says at the time; None when
        there is nothing to keep.
        """
        self.whole &= CLASSES.keys()
        if not self.whole:
            return None
        for root in list(self._touched):
            self._forget_history(root)
        self._indexes = {name: index for name, index in self._indexes.items() if name in self.whole}
        kept = UserState(self.tenant_id, self.user_id, self.head_seq)
        kept.inherit(self)
        return kept

    def _forget_history(self, root: UUID) -> None:
        """Leaves of a chain its live version, and nothing when its class is not whole."""
        for version in self._chains.pop(root, {}).values():
            self.roots.pop(version.memory_id, None)
        found = self._by_root.get(root)
        if found is None:
            return
        live = self.memories[found]
        if live.memory_class in self.whole:
            self._chains[root] = {live.version: live}
            self.roots[live.memory_id] = root
        else:
            self._close(live.memory_id)

    def only_creates(self, memory_class: str) -> bool:
        """Whether nothing of a class may be merged."""
        return self.create_only or not self.create_only_classes.isdisjoint((memory_class, "*"))

    def use(self, schema: ActiveSchema | None) -> None:
        """The tenant's own classes are these from now on."""
        if schema == self._schema:
            return
        self._schema = schema
        self._own = {one.definition.name: matched_class(one) for one in schema.classes} if schema else {}
        self._own_keys.clear()
        self._indexes = {name: index for name, index in self._indexes.items() if name in CLASSES}

    def class_of(self, name: str) -> MemoryClass | None:
        """The class of that name, everybody's or the tenant's own."""
        return CLASSES.get(name) or self._own.get(name)

    def add_message(self, message: Message) -> None:
        """Makes the revision the current one."""
        self.messages[message.message_id] = message

    def add_memory(self, memory: Memory) -> None:
        """Makes the version current; a tombstone ends its chain."""
        self.add_version(memory)
        if memory.tombstone:
            return
        self.memories[memory.memory_id] = memory
        self._by_identity[memory.memory_class, memory.object_key] = memory.memory_id
        self._by_root[memory.root_id] = memory.memory_id
        self._own_keys.pop(memory.memory_class, None)
        if memory.memory_class in self._indexes:
            self._index_memory(self._indexes[memory.memory_class], memory)

    def add_version(self, memory: Memory) -> None:
        """Takes note of a version, current or not."""
        self._touched.add(memory.root_id)
        self.roots[memory.memory_id] = memory.root_id
        self._chains.setdefault(memory.root_id, {})[memory.version] = memory

    def chain_of(self, memory_id: UUID) -> list[Memory]:
        """The last versions of the memory that the id names, as far as they are loaded, the last last."""
        chain = self._chains.get(self.roots.get(memory_id, memory_id), {})
        return [chain[version] for version in sorted(chain)]

    def written_by(self, event_id: UUID) -> list[list[Memory]]:
        """The chains to which an event added versions, in the order of their ids."""
        return [
            self.chain_of(root)
            for root in sorted(self._chains)
            if any(version.event_id == event_id for version in self._chains[root].values())
        ]

    def versions(self) -> list[Memory]:
        """Every version that is loaded."""
        return [version for chain in self._chains.values() for version in chain.values()]

    def version(self, memory_id: UUID) -> Memory:
        """A version that was loaded; raises KeyError."""
        return next(version for version in self.chain_of(memory_id) if version.memory_id == memory_id)

    def with_identity(self, memory_class: str, object_key: str) -> Memory | None:
        """The live memory of that identity; of a tenant's own class as it is today, whatever it was then."""
        found = self._by_identity.get((memory_class, object_key))
        if found is None and memory_class in self._own:
            found = self._keys_today(self._own[memory_class]).get(object_key)
        return self.memories[found] if found is not None else None

    def _keys_today(self, memory_class: MemoryClass) -> dict[str, UUID]:
        """Of memories of an earlier version of their class; one that was kept apart stays so."""
        if memory_class.name not in self._own_keys:
            keys: dict[str, UUID] = {}
            for memory in self.of_class(memory_class.name):
                if memory.schema_version != memory_class.schema_version and APART not in memory.object_key:
                    keys.setdefault(object_key(memory_class, memory.values, memory.namespace), memory.memory_id)
            self._own_keys[memory_class.name] = keys
        return self._own_keys[memory_class.name]

    def live(self, memory_id: UUID) -> Memory | None:
        """The live version of the chain that any of its ids names."""
        root = self.roots.get(memory_id)
        found = self._by_root.get(root) if root is not None else None
        return self.memories[found] if found is not None else None

    def of_class(self, memory_class: str) -> list[Memory]:
        """The live memories of a class, oldest id first."""
        members = [memory for memory in self.memories.values() if memory.memory_class == memory_class]
        return sorted(members, key=lambda memory: memory.memory_id)

    def index(self, memory_class: str) -> ClassIndex:
        """The BM25 index of a class, built at first use."""
        if memory_class not in self._indexes:
            index = ClassIndex()
            for memory in self.of_class(memory_class):
                self._index_memory(index, memory)
            self._indexes[memory_class] = index
        return self._indexes[memory_class]

    def advance(self, effects: Effects, seq: int, time: datetime) -> None:
        """Takes in what an event changed, so that the next event of the batch sees it."""
        self.head_seq, self.head_time = seq, time
        self.read.update((done.source_event_id, done.schema_version, done.run) for done in effects.extractions)
        for message in effects.closed_messages:
            self.messages.pop(message.message_id, None)
        for memory in effects.closed_memories:
            if not memory.tombstone:
                self._close(memory.memory_id)
        for added in effects.messages:
            self.add_message(added)
        for version in effects.memories:
            self.add_memory(version)

    def _close(self, memory_id: UUID) -> None:
        memory = self.memories.pop(memory_id)
        self._touched.add(memory.root_id)
        self._by_root.pop(memory.root_id, None)
        identity = memory.memory_class, memory.object_key
        if self._by_identity.get(identity) == memory_id:
            del self._by_identity[identity]
        self._own_keys.pop(memory.memory_class, None)
        if memory.memory_class in self._indexes:
            self._indexes[memory.memory_class].remove(memory_id)

    def _index_memory(self, index: ClassIndex, memory: Memory) -> None:
        memory_class = self.class_of(memory.memory_class)
        if memory_class is not None:
            index.add(memory.memory_id, weighted_terms(memory_class, memory.values))
