"""``schema.annotate``: a model says how the classes of a version are identified and searched → the registry (S1-40)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from mneme_common.contracts.jobs import AnnotateSchema, Job
from mneme_common.domain.failures import PermanentError
from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.model_waiting import PostponedError
from mneme_common.runtime.job_delivery import Emit
from mneme_extractor.ports import Annotator, SchemaVersions

OpenAnnotator = Callable[[], AbstractAsyncContextManager[Annotator]]
"""The model of the extractor; raises PermanentError when it has none."""


@dataclass(frozen=True, slots=True)
class AnnotateSchemas:
    """Once for each version. Without a usable answer the defaults stay, and a person has to approve them."""

    versions: SchemaVersions
    open: OpenAnnotator

    async def __call__(self, job: Job, _emit: Emit, /) -> Mapping[str, JsonValue]:
        """The status of the version; ``fault`` when the defaults had to do."""
        data = job.data
        if not isinstance(data, AnnotateSchema):
            raise TypeError("schema.annotate carries AnnotateSchema")
        version = data.schema_version
        classes = await self.versions.to_annotate(job.tenant_id, version)
        if not classes:
            return {"schema_version": version, "fault": "not_waiting"}
        try:
            async with self.open() as annotator:
                annotated = await annotator.annotate(job.tenant_id, classes)
        except PermanentError as error:
            status = await self.versions.settle(job.tenant_id, version, None)
            return {"schema_version": version, "status": status, "fault": error.reason}
        except PostponedError as error:
            status = await self.versions.settle(job.tenant_id, version, None)
            return {"schema_version": version, "status": status, "fault": error.reason.value}
        return {
            "schema_version": version,
            "status": await self.versions.settle(job.tenant_id, version, annotated),
        }
