"""Parses the text format of Prometheus."""

from prometheus_client.parser import text_string_to_metric_families as parse

Samples = dict[tuple[str, ...], float]


def samples(text: str) -> Samples:
    """Returns the values by name and label values, in the order of the label names."""
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in parse(text)
        for sample in family.samples
    }
