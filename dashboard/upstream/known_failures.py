"""Recognizes well-known reasons for a failure in the gateway's codes and words, English and Chinese. Pure.

Gateways pass on what vendors say, so the same failure has dozens of spellings. A reason counts only if the code or
the words state it, and nothing else is stated: "moderation service timed out" is no rejection, and two are none.
The sentences don't say whose key, balance or limit it is, because it may be the gateway's own at its vendor.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from django.utils.translation import gettext_noop

from dashboard.upstream.answer_tables import normalized

CONTENT_POLICY: Final = gettext_noop("A content filter rejected the request or the video.")
BALANCE: Final = gettext_noop("There isn't enough balance or quota.")
RATE_LIMIT: Final = gettext_noop("There were too many requests.")
INVALID_KEY: Final = gettext_noop("An API key was refused.")
MODEL_MISSING: Final = gettext_noop("This model isn't available.")
TIMEOUT: Final = gettext_noop("A time limit was exceeded.")

READ: Final = 2_000  # characters of a code or message; more are not looked at
# Whole codes, without case and punctuation.
_CODES: Final = {
    CONTENT_POLICY: (
        r"content_?policy(violation)?|contentfilter(ed)?|moderationblocked|datainspectionfailed|promptblocked",
        r"responsibleaipolicyviolation|((in|out)put)?newsensitive|(publicerror)?unsafegeneration|safetyviolation",
        r"((in|out)put\w{1,20})?sensitivecontentdetected\w{0,40}",
        r"(inputpreprocessing)?safety(in|out)put\w{0,20}|inputpreprocessingsafety\w{0,20}",
    ),
    BALANCE: (
        r"insufficient(user|account|token)?(quota|balance|credits?|funds)|notenough(balance|credits?|quota)",
        r"accountoverdue(error)?|arrearage|billinghardlimitreached|preconsumetokenquotafailed|balancenotenough",
    ),
    RATE_LIMIT: (
        r"ratelimit(ed|reached|error)?|ratelimitexceeded\w{0,40}|toomanyrequests|throttling(ratequota|user)?",
        r"requestbursttoofast|concurrencylimitexceeded",
    ),
    INVALID_KEY: (r"(invalid|incorrect)apikey|apikey(invalid|expired)|authenticationerror",),
    MODEL_MISSING: (
        r"modelnotfound|modeldoesnotexist|modelnotexists?|modelnotopen|modelnotsupported|unsupportedmodel",
        r"invalidendpointormodel(notfound|modelidaccessdisabled)?",
    ),
    TIMEOUT: (
        r"(upstream|task|request|generation|gateway|execution|processing)?timeout(error)?|deadlineexceeded",
        r"(task|request|generation)timedout",
    ),
}
# Quoted, or not a plain word such as "input".
_MODEL: Final = r"(?:[`'\"“‘][^`'\"”’\n]{1,80}[`'\"”’]|\S{0,80}[\d/:_-]\S{0,80})"
_RULES: Final = (
    r"(?:content|usage|safety|community|use|moderation)(?: \w+)? (?:polic(?:y|ies)|guidelines?|guardrails|rules)"
)
_BREAKS: Final = (
    r"(?:(?:may |might )?violat\w*|against|breaks?|breach\w*|due to|because of|(?:rejected|blocked|flagged) by)"
)
_PHRASES: Final = {
    CONTENT_POLICY: (
        rf"{_BREAKS} (?:\w+['’]?s? ){{0,4}}{_RULES}",
        r"content policy violation|\A(?:upstream: ?)?content policy\.?\Z",
        r"(?:may violate|violates?) (?:our|the|its) (?:guardrails|guidelines|polic(?:y|ies))",
        r"(?:reject|block|flag|withh[eo]ld|filter|refus)\w* by (?:\w+ ){0,3}"
        r"(?:moderation|safety (?:system|filters?)|content (?:checker|filters?))",
        r"flagged as (?:\w+ ){0,2}(?:unsafe|inappropriate|sensitive|nsfw)",
        r"(?:may contain|contains?|detected|includes?) (?:(?!no\b|not\b)\w+ ){0,2}"
        r"(?:sensitive|inappropriate|prohibited|unsafe|nsfw) (?:content|information|words?|material)",
        r"(?:sensitive|prohibited|inappropriate|nsfw) content (?:was |has been )?detected",
        r"failure to pass the risk control|\b(?:in|out)put new_sensitive",
        r"内容违规|违规内容|审核[未不]通过|[未没]有?(?:能)?通过[^。\n]{0,12}审核",
        r"(?:包含|含有|涉及|存在|检测到|命中)[^。，,;；\n]{0,8}(?:敏感|违规)",
        r"违反[^。，,\n]{0,20}(?:内容|使用|安全|社区)[^。，,\n]{0,6}(?:政策|规定|规范|准则)",
        r"被[^。，,\n]{0,8}(?:内容安全|审核)[^。，,\n]{0,6}(?:拦截|拒绝)",
    ),
    BALANCE: (
        r"insufficient (?:user |account |token |remaining )?(?:quota|balance|credits?|funds)",
        r"(?:balance|credits?|quota) (?:is|are) (?:insufficient|not enough|not sufficient|exhausted|used up|too low)",
        r"not enough (?:balance|credits?|quota)|exceeded your current quota|(?:out of|ran out of) (?:credits?|quota)",
        r"(?:has|have) no (?:quota|credits?|balance) left|billing hard limit has been reached",
        r"(?:余额|额度|积分|配额|点数)(?:已)?(?:不足|用尽|用完|耗尽|不够)|预扣费额度失败|账[户号](?:已)?欠费|欠费停",
    ),
    RATE_LIMIT: (
        r"(?<!frame )(?<!bit )(?<!sample )(?<!sampling )\brate.?limit(?:s|ed|ing)?"
        r" (?:was |has been |is )?(?:exceeded|reached|hit|error|triggered)",
        r"(?:exceed\w*|reached|hit) (?:\w+ ){0,3}(?<!frame )(?<!bit )rate.?limits?",
        r"\A(?:upstream: ?)?rate.?limit(?:ed)?\.?\Z|too many (?:\w+ )?requests",
        r"concurrency limit (?:exceeded|reached)|(?:exceed\w*|reached) (?:\w+ ){0,4}requests per (?:minute|second|day)",
        r"请求(?:过于|太|过)频繁|请求过多|被限流",
        r"(?:触发|超[出过]|达到)[^。，,\n]{0,10}(?:限流|速率限制|频率限制|并发限制|并发上限)",
    ),
    INVALID_KEY: (
        r"(?:invalid|incorrect|wrong|expired|revoked) (?:api.?key|x-api-key)(?! format)",
        r"api.?key (?:\w+ ){0,4}?(?:is |was |has )?(?:missing or )?(?:been )?"
        r"(?:invalid|incorrect|expired|revoked|not valid|disabled)",
        r"(?:无效的?|错误的|过期的) ?(?:令牌|api.?key|密钥)|令牌状态不可用",
        r"(?:令牌|密钥|api.?key) ?(?:已过期|无效|不正确|错误|已失效|已被?禁用)",
    ),
    MODEL_MISSING: (
        rf"\bmodel:? (?:{_MODEL} )?(?:does not|doesn['’]t) exist|no such model|unknown model\b(?! error)",
        rf"\bmodels?[ /:]+(?:{_MODEL} )?(?:is |was )?not found|\bmodels/\S{{1,80}} is not found",
        r"no available (?:channels?|providers?) for (?:the )?model",
        rf"\bmodel:? (?:{_MODEL} )?(?:is |was )?not supported(?=[.,;!]|\Z)|unsupported model\b",
        r"模型[ ：:]?[`'\"“‘]?[A-Za-z0-9._:/-]{0,60}[`'\"”’]? ?(?:不存在|未找到|未开通|已下线)",
        r"无可用渠道|找不到模型|不支持的模型",
    ),
    TIMEOUT: (
        r"timed out|deadline exceeded|did not (?:finish|complete) (?:with)?in \d",
        r"\A(?:\w+ )?time[- ]?out\.?\Z",
        r"(?:upstream|gateway|request|connection|read|task|generation|processing|service|job|operation|execution)"
        r" time-?out(?! (?:must|should|parameter|value|can|has|setting|is not|is invalid|field))",
        r"time-?out (?:error|exceeded|while|waiting|after|of \d)|超时(?!时间|参数|设置|必须|不能|值)",
    ),
}
_CODE_PATTERNS: Final = {sentence: re.compile("|".join(patterns)) for sentence, patterns in _CODES.items()}
_PHRASE_PATTERNS: Final = {
    sentence: re.compile("|".join(patterns), re.IGNORECASE) for sentence, patterns in _PHRASES.items()
}
_CODE_LINE: Final = re.compile(r"[\w.]+")
# What comes right before a phrase, in the same clause, and makes it unsure or denies it.
_DOUBT: Final = re.compile(
    r"(?:\b(?:no|not|never|without|isn['’]t|wasn['’]t|didn['’]t|doesn['’]t|may|might|could|possibly|perhaps|probably|maybe"
    r"|likely|if|unless|whether|avoid|see|read|when)\s+(?:(?!due\b|because\b|since\b|as\b|by\b|for\b)[\w'’]+\s+){0,4}"
    r"|(?:没有|并未|并非|不是|未|可能|或许|也许|疑似|如果|若|避免|是否|以免|防止)[^，,。；;：:\n]{0,6})\Z",
    re.IGNORECASE,
)
_CLAUSE: Final = re.compile(r"[.!?;:,。！？；：，\n]")
# A file of the request that could not be fetched: its server, not the gateway, had the time-out, limit or refusal.
_ABOUT_FILE: Final = re.compile(
    r"(?:download|fetch|retriev|load)\w*\s(?:\S+\s){0,5}?(?:image|video|url|file|media|audio)"
    r"|(?:image|video|url|file|media|audio)\b(?:\s\S+){0,5}?\s(?:download|fetch|retriev|load)|下载|获取(?:图片|视频|文件|素材)",
    re.IGNORECASE,
)


def sentence(code: str, message: str) -> str:
    """Returns the sentence for this reason, to be translated; "" if it is not certain."""
    return _sentence(code[:READ], message[:READ]) if code or message else ""


@lru_cache(maxsize=1_024)
def _sentence(code: str, message: str) -> str:
    found = {*_of_code(code), *_of_message(message)}
    for line in message.splitlines():
        if _CODE_LINE.fullmatch(line):  # codes are kept as lines of their own
            found |= {*_of_code(line)}
    return found.pop() if len(found) == 1 else ""


def _of_code(code: str) -> Iterator[str]:
    plain = normalized(code)
    return (sentence for sentence, pattern in _CODE_PATTERNS.items() if pattern.fullmatch(plain))


def _of_message(message: str) -> Iterator[str]:
    is_about_file = _ABOUT_FILE.search(message) is not None
    for sentence, pattern in _PHRASE_PATTERNS.items():
        if is_about_file and sentence != CONTENT_POLICY:
            continue
        if any(not _is_doubtful(message, found.start()) for found in pattern.finditer(message)):
            yield sentence


def _is_doubtful(message: str, start: int) -> bool:
    before = message[max(0, start - 80) : start]
    return _DOUBT.search(_CLAUSE.split(before)[-1]) is not None
