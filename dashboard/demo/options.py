"""The grammar of the gateway's model names: a dialect, then options, as in `amux+portrait+cut=65536`.

Course of the task: fast (done in a second), slow (five times as long), instant, stuck (in progress forever),
                    fail (fails), fail=<code> (fails with that entry of `dialects.FAILURES`)
Choice of video:    long, portrait, square, wide, short, medium, video=<name>, random (1,000,003 bytes), empty (0 B),
                    more=<name>,<name> (further videos of the same task, listed in `videos`)
Status answers:     ms (times in milliseconds), oldrow (the URL is in `fail_reason`), failtext (a failed row has its
                    message in place of the URL), nourl, badurl (text instead of a URL), sizes (numbers as text),
                    unknown (the status is `unknown` at first), expired, deleted (the status after completion)
/content:           norange (ignores Range), redirect (302 to the signed URL), jsonurl (JSON with the signed URL),
                    warming[=seconds] (502 for that long after completion), cut=<bytes>, reset=<bytes>, rate=<bytes per
                    second>, stall=<bytes> (then sends nothing more), wait=<seconds> (before the first byte), gzip,
                    chunked, nolength, lie=<one of LIES>, body=<one of FAKE_BODIES>, type=<media type>, cookie,
                    gone[=status], weaketag, noetag
Faults:             fault=<name> or fault=<name>*<times>, with `content-` or `create-` before the name to choose the
                    call; only if the gateway has faults
"""

from collections.abc import Mapping
from dataclasses import dataclass

# Vendors whose answers some gateways pass on unchanged.
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
LYING_WORDS = frozenset({"lie", "cut", "reset", "stall", "body", "type", "cookie"})  # only for gateways that can lie
WORDS = VIDEO_WORDS | LIFE_WORDS | ANSWER_WORDS | SOURCE_WORDS | BODY_WORDS | {"weaketag", "noetag"}
COUNTS = frozenset({"warming", "cut", "reset", "rate", "stall", "wait", "gone", "fail"})


@dataclass(frozen=True, slots=True)
class Model:
    """A parsed model name: the dialect of the answers, and the options with their arguments ("" = none)."""

    name: str
    dialect: str
    options: Mapping[str, str]

    def number(self, word: str, default: float = 0.0) -> float:
        """Returns the option's argument as a number, or `default` if the option is absent or has no argument."""
        return float(self.options.get(word) or default)

    @property
    def video(self) -> str:
        """The video that the options name, or ""."""
        named = self.options.get("video", "")
        return named or next((word for word in self.options if word in VIDEO_WORDS), "")


def parse(name: str) -> Model:
    """Parses a model name. Raises ValueError with a message that may be shown."""
    dialect, *words = name.split("+")
    if dialect not in DIALECTS:
        raise ValueError(f"Model {dialect!r} does not exist. Available: {', '.join(DIALECTS)}.")
    return Model(name, dialect, parse_options(words))


def parse_options(words: list[str]) -> dict[str, str]:
    """Parses `["cut=5", "cookie"]` to `{"cut": "5", "cookie": ""}`. Raises ValueError for an unknown or invalid one."""
    options = dict(word.partition("=")[::2] for word in words)
    for word, argument in options.items():
        check(word, argument)
    return options


def check(word: str, argument: str) -> None:
    """Raises ValueError unless this is an option with a valid argument."""
    if word not in WORDS:
        raise ValueError(f"There is no option {word!r}.")
    if word == "lie" and argument not in LIES:
        raise ValueError(f"Option 'lie' is one of: {', '.join(LIES)}.")
    if word in COUNTS and argument and not argument.replace(".", "", 1).isdigit():
        raise ValueError(f"Option {word!r} takes a number, not {argument!r}.")
