"""The grammar of the gateway's model names: a dialect, then options, as in `amux+portrait+cut=65536`.

How a task lives:   fast (done in a second), slow (five times as long), instant, stuck (in progress for ever),
                    fail (fails), fail=<code> (fails with that entry of `dialects.FAILURES`)
Which video:        long, portrait, square, wide, short, medium, video=<name>, random (1,000,003 bytes), empty (0 B),
                    more=<name>,<name> (further ones of the same task, listed in `videos`)
How it is told:     ms (times in milliseconds), oldrow (the url stands in `fail_reason`), failtext (a failed row carries
                    its text as the url), nourl, badurl (text instead of a url), sizes (numbers as text), unknown (the
                    first seconds read `unknown`), expired, deleted (what becomes of a completed task)
How /content goes:  norange (Range is ignored), redirect (302 to the signed url), jsonurl (JSON that holds it),
                    warming[=seconds] (502 for that long after completion), cut=<bytes>, reset=<bytes>, rate=<bytes a
                    second>, stall=<bytes> (silence after them), wait=<seconds> (before the first byte), gzip, chunked,
                    nolength, lie=<one of LIES>, body=<one of FAKE_BODIES>, type=<media type>, cookie, gone[=status],
                    weaketag, noetag
Faults:             fault=<name> or fault=<name>*<times>, `content-` or `create-` before the name, if it has any
"""

from collections.abc import Mapping
from dataclasses import dataclass

# Whose answers some gateways pass on unchanged.
VENDORS = ("kling", "dashscope", "volcengine", "minimax", "vidu", "kie", "runway", "google")
DIALECTS = (
    "amux",
    "new-api-wrapped",
    "new-api-adaptor",
    "new-api-flat",
    "new-api-rc30",
    "openai-sora",
    "litellm",
    "sglang",
    *VENDORS,
)
LIES = ("unasked206", "wrong-range", "wrong-total", "no-content-range", "short", "long", "etag", "multipart")
VIDEO_WORDS = frozenset({"long", "portrait", "square", "wide", "short", "medium", "random", "empty"})
LIFE_WORDS = frozenset({"fast", "slow", "instant", "stuck", "fail", "video", "more", "fault"})
ANSWER_WORDS = frozenset({"ms", "oldrow", "failtext", "nourl", "badurl", "sizes", "unknown", "expired", "deleted"})
SOURCE_WORDS = frozenset({"redirect", "jsonurl", "warming", "body", "type", "cookie", "gone", "wait"})
BODY_WORDS = frozenset({"norange", "cut", "reset", "rate", "stall", "gzip", "chunked", "nolength", "lie"})
LYING_WORDS = frozenset({"lie", "cut", "reset", "stall", "body", "type", "cookie"})  # for gateways that can lie
WORDS = VIDEO_WORDS | LIFE_WORDS | ANSWER_WORDS | SOURCE_WORDS | BODY_WORDS | {"weaketag", "noetag"}
COUNTS = frozenset({"warming", "cut", "reset", "rate", "stall", "wait", "gone", "fail"})


@dataclass(frozen=True, slots=True)
class Model:
    """A model name, taken apart: the dialect that answers, and the options with their arguments ("" = none)."""

    name: str
    dialect: str
    options: Mapping[str, str]

    def number(self, word: str, default: float = 0.0) -> float:
        """The option's argument as a number; `default` when the option is absent or has no argument."""
        return float(self.options.get(word) or default)

    @property
    def video(self) -> str:
        """The video that the options name, or ""."""
        named = self.options.get("video", "")
        return named or next((word for word in self.options if word in VIDEO_WORDS), "")


def parse(name: str) -> Model:
    """Take a model name apart. Raises ValueError, fit to be shown, that says what is wrong with it."""
    dialect, *words = name.split("+")
    if dialect not in DIALECTS:
        raise ValueError(f"Model {dialect!r} does not exist. Available: {', '.join(DIALECTS)}.")
    return Model(name, dialect, parse_options(words))


def parse_options(words: list[str]) -> dict[str, str]:
    """`["cut=5", "cookie"]` as `{"cut": "5", "cookie": ""}`. Raises ValueError for an unknown or garbled one."""
    options = dict(word.partition("=")[::2] for word in words)
    for word, argument in options.items():
        check(word, argument)
    return options


def check(word: str, argument: str) -> None:
    """Raise ValueError unless this is an option with an argument that it understands."""
    if word not in WORDS:
        raise ValueError(f"There is no option {word!r}.")
    if word == "lie" and argument not in LIES:
        raise ValueError(f"Option 'lie' is one of: {', '.join(LIES)}.")
    if word in COUNTS and argument and not argument.replace(".", "", 1).isdigit():
        raise ValueError(f"Option {word!r} takes a number, not {argument!r}.")
