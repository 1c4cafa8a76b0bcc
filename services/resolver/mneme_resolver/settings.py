"""Settings of the resolver."""

from __future__ import annotations

from pydantic import Field

from mneme_common.settings.embedding import EmbeddingSettings
from mneme_common.settings.erasures import ErasureSettings
from mneme_common.settings.worker import EncryptionSettings, WorkerSettings
from mneme_resolver.decide.switches import SpikeLimits


class ResolverSettings(WorkerSettings, EncryptionSettings, EmbeddingSettings, ErasureSettings):
    """``resolver_create_only`` is the kill switch for everybody: while it is on, nothing is merged (S1-50).

    The switch of one class of a tenant is thrown when ``resolver_false_updates_least`` of a day's updates, and more
    than ``resolver_false_updates_share`` of them, were undone or corrected right after. ``backup_retention_days``
    is how long backups are kept, for the receipts of erasures. ``resolver_held_memories`` bounds what is kept at hand
    of the users who write: 4 kB each, and where they have more, their classes are read again for each batch.
    """

    resolver_create_only: bool = False
    backup_retention_days: int = Field(default=35, ge=0)
    resolver_held_memories: int = Field(default=80_000, ge=0)
    resolver_false_updates_least: int = Field(default=5, ge=1)
    resolver_false_updates_share: float = Field(default=0.05, ge=0.0, le=1.0)

    @property
    def spike_limits(self) -> SpikeLimits:
        """When updates stop by themselves."""
        return SpikeLimits(self.resolver_false_updates_least, self.resolver_false_updates_share)
