"""No document whatever makes the parser crash."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.upstream.answers import Answer, parse
from tests.upstream.test_answers import DIALECTS, FIELDS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
NAMES = sorted({name for row in DIALECTS if isinstance(row[1], dict) for name in row[1]} | {row[0] for row in FIELDS})


@settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(NAMES), JSON))
def test_it_never_crashes(document: dict[str, object]) -> None:
    answer = parse(document)
    assert isinstance(answer, Answer)
    assert answer.error_message.encode() is not None
