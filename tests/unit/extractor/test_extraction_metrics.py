"""What extraction finds, drops and costs can be seen in the metrics."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest

from mneme_common.contracts.commands import Usage
from mneme_extractor.decide.extraction import Extraction
from mneme_extractor.metrics import ExtractionMetrics
from tests.unit.extractor.speech import found


def test_statements_drops_rejections_and_tokens_are_counted_by_their_labels() -> None:
    registry = CollectorRegistry()
    metrics = ExtractionMetrics(registry)
    statements = found("I love tea. I love jam. Please forget my birthday.")
    metrics.extracted(Extraction("openai", statements, dropped=("quote_not_found",)), 0.2)
    metrics.rejected("invalid_model_output")
    metrics.spent("small", Usage(prompt_tokens=100, completion_tokens=20, requests=1))
    text = generate_latest(registry).decode()
    for line in (
        'mneme_extracted_total{action="create",memory_class="preference"} 2.0',
        'mneme_extracted_total{action="delete",memory_class="profile_fact"} 1.0',
        'mneme_extraction_dropped_total{reason="quote_not_found"} 1.0',
        'mneme_extraction_rejected_total{reason="invalid_model_output"} 1.0',
        'mneme_extraction_seconds_count{extractor="openai"} 1.0',
        'mneme_model_tokens_total{kind="prompt",model="small"} 100.0',
        'mneme_model_tokens_total{kind="completion",model="small"} 20.0',
        'mneme_model_requests_total{model="small"} 1.0',
    ):
        assert line in text
