"""No document makes the parser crash. DOCUMENTS sets how many changed answers are parsed."""

import gc
import os
import time
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.upstream.answers import Answer, parse
from dashboard.upstream.errors import InvalidResponse
from tests.upstream.mutated_answers import mutated, without_states
from tests.upstream.test_answers import DIALECTS, FIELDS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
DOCUMENTS = int(os.environ.get("DOCUMENTS") or 100_000)
NAMES = sorted({name for row in DIALECTS if isinstance(row[1], dict) for name in row[1]} | {row[0] for row in FIELDS})


@settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(NAMES), JSON))
def test_it_never_crashes(document: dict[str, object]) -> None:
    answer = parse(document)
    assert isinstance(answer, Answer)
    assert answer.error_message.encode() is not None


def read(document: object) -> Answer | None:
    try:
        return parse(document, asked_for="T", base_url="https://gateway.example/v1")
    except InvalidResponse:
        return None


@pytest.mark.alone
def test_it_reads_changed_answers() -> None:
    """Only InvalidResponse is raised, and only a state ends a task."""
    seed = int(os.environ.get("FAULTS_SEED") or 20_261_126)
    random = Random(seed)
    slowest = 0.0
    for _ in range(DOCUMENTS):
        document = mutated(random)
        gc.disable()  # the garbage of the rest of the process must not count
        begun = time.thread_time()
        answer = read(document)
        slowest = max(slowest, time.thread_time() - begun)
        gc.enable()
        if answer is not None and answer.status in {"completed", "failed"}:
            stripped = read(without_states(document))
            assert stripped is None or stripped.status is None, document
    print(f"FAULTS_SEED={seed}, {DOCUMENTS:,} documents, slowest {slowest * 1000:.1f} ms")
