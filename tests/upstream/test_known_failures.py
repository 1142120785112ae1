"""Which failures are recognized, in the words and codes that gateways and vendors use."""

import time

import pytest

from dashboard.upstream import known_failures
from dashboard.upstream.known_failures import BALANCE, CONTENT_POLICY, INVALID_KEY, MODEL_MISSING, RATE_LIMIT, TIMEOUT

KNOWN = [
    (CONTENT_POLICY, "50001", "Upstream model rejected the prompt due to content policy."),
    (CONTENT_POLICY, "", "upstream: content policy"),
    (CONTENT_POLICY, "", "It breaks the content policy."),
    (CONTENT_POLICY, "", "Rejected by the provider: the prompt breaks its content policy."),
    (CONTENT_POLICY, "50005", "The generated video was withheld by output moderation."),
    (CONTENT_POLICY, "Client specified an invalid argument", "Generated video rejected by content moderation."),
    (
        CONTENT_POLICY,
        "",
        "prompt: The text was flagged by a content checker.\nimage_url: The image shows a real person.",
    ),
    (CONTENT_POLICY, "", "Request contains an invalid argument.\nPUBLIC_ERROR_UNSAFE_GENERATION"),
    (CONTENT_POLICY, "moderation_blocked", "Your request was blocked by our moderation system."),
    (CONTENT_POLICY, "content_policy_violation", ""),
    (CONTENT_POLICY, "", "This request may violate our content policies."),
    (CONTENT_POLICY, "", "This content may violate our guardrails concerning similarity to third-party content."),
    (
        CONTENT_POLICY,
        "InputTextSensitiveContentDetected",
        "The request failed because the input text may contain sensitive information. Request id: 0217",
    ),
    (CONTENT_POLICY, "OutputVideoSensitiveContentDetected.PolicyViolation", ""),
    (CONTENT_POLICY, "DataInspectionFailed", "Input data may contain inappropriate content."),
    (CONTENT_POLICY, "1026", "input new_sensitive"),
    (CONTENT_POLICY, "1301", "Failure to pass the risk control system"),
    (CONTENT_POLICY, "SAFETY.INPUT.TEXT", ""),
    (CONTENT_POLICY, "", "The video could not be generated because the prompt violates our usage guidelines."),
    (CONTENT_POLICY, "", "内容违规，请修改提示词"),
    (CONTENT_POLICY, "", "提示词包含敏感词，请修改后重试"),
    (CONTENT_POLICY, "", "输入图片审核未通过"),
    (CONTENT_POLICY, "", "生成的视频未通过内容安全审核"),
    (BALANCE, "50004", "The channel has no quota left for this model."),
    (BALANCE, "insufficient_quota", "You exceeded your current quota, check your plan and billing details."),
    (BALANCE, "", "Your credits are not enough for this model."),
    (BALANCE, "insufficient_user_quota", ""),
    (BALANCE, "", "Account balance is insufficient"),
    (BALANCE, "AccountOverdueError", ""),
    (BALANCE, "Arrearage", "Access denied, please make sure your account is in good standing."),
    (BALANCE, "", "余额不足"),
    (BALANCE, "", "该令牌额度已用尽 !token.UnlimitedQuota && token.RemainQuota = 0"),
    (BALANCE, "", "预扣费额度失败, 用户剩余额度: ＄0.013, 需要预扣费额度: ＄0.400"),
    (BALANCE, "", "账户欠费，服务已停用"),
    (RATE_LIMIT, "", "429 Too Many Requests"),
    (RATE_LIMIT, "rate_limit_exceeded", "Rate limit reached for sora-2 in organization org-1 on requests per min."),
    (RATE_LIMIT, "RateLimitExceeded.EndpointRPMExceeded", ""),
    (RATE_LIMIT, "Throttling.RateQuota", ""),
    (RATE_LIMIT, "1002", "rate limit"),
    (RATE_LIMIT, "", "请求过于频繁，请稍后再试"),
    (RATE_LIMIT, "", "触发限流，请稍后重试"),
    (INVALID_KEY, "invalid_api_key", "Incorrect API key provided: sk-***. You can find your API key at the dashboard."),
    (INVALID_KEY, "", "API key not valid. Please pass a valid API key.\nAPI_KEY_INVALID"),
    (INVALID_KEY, "AuthenticationError", "The API key in the request is missing or invalid."),
    (INVALID_KEY, "", "无效的令牌"),
    (INVALID_KEY, "", "API Key 已过期"),
    (MODEL_MISSING, "model_not_found", "No available channel for model veo-9 under group default (distributor)"),
    (MODEL_MISSING, "", "model veo-9 does not exist"),
    (MODEL_MISSING, "", "The model `veo-9` does not exist or you do not have access to it."),
    (
        MODEL_MISSING,
        "",
        "models/veo-9 is not found for API version v1beta, or is not supported for predictLongRunning.",
    ),
    (MODEL_MISSING, "InvalidEndpointOrModel.NotFound", ""),
    (MODEL_MISSING, "", "当前分组 default 下对于模型 veo-9 无可用渠道"),
    (MODEL_MISSING, "", "模型不存在"),
    (TIMEOUT, "50002", "Upstream model did not finish within 600 seconds."),
    (TIMEOUT, "", "upstream timed out"),
    (TIMEOUT, "", "context deadline exceeded"),
    (TIMEOUT, "task_timeout", ""),
    (TIMEOUT, "", "任务超时"),
    (TIMEOUT, "", "moderation service timeout"),
]
NOT_CERTAIN = [
    ("", ""),
    ("50003", "The input image could not be downloaded: 403 Forbidden."),
    ("", "The input image could not be downloaded: 429 Too Many Requests"),
    ("", "Failed to fetch the reference video: request timed out"),
    ("", "图片下载超时"),
    ("E42", "the reference video is too long"),
    ("", "Image pixel is invalid"),
    ("internal", "the model crashed"),
    ("", "Against the policy."),
    ("", "Not today."),
    ("429", "failed"),
    ("401", "Unauthorized"),
    ("", "This is not a content policy violation. Try again."),
    ("", "The prompt did not violate our usage policies, but the model crashed."),
    ("", "没有违反内容政策"),
    ("", "Please read the content policy at https://example.com/policy"),
    ("", "Generation failed, possibly due to rate limit exceeded or insufficient balance."),
    ("", "可能是余额不足或请求过于频繁"),
    ("", "If your account balance is insufficient, contact support."),
    ("", "Frame rate limit exceeded: at most 60 fps."),
    ("", "request timeout must be an integer"),
    ("", "超时时间必须大于 0"),
    ("", "The task's model file does not exist"),
    ("", "the model input does not exist"),
    ("", "invalid token in JSON at position 4"),
    ("", "quota exceeded"),
    ("", "balance could not be read"),
    ("", "审核中"),
    ("", "The prompt contains no sensitive content."),
    ("", "unknown model error"),
    ("", "model veo-3 is not supported with duration 15"),
    ("", "该模型不支持尾帧"),
    ("", "模型输入文件不存在"),
    ("rate_limit_exceeded", "余额不足"),
    ("", "Task created, but saving the balance log failed"),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "code", "message"), KNOWN)
def test_it_recognizes_what_the_gateway_states(sentence: str, code: str, message: str) -> None:
    assert known_failures.sentence(code, message) == sentence


@pytest.mark.parametrize(("code", "message"), NOT_CERTAIN)
def test_it_claims_nothing_that_is_not_certain(code: str, message: str) -> None:
    assert known_failures.sentence(code, message) == ""


@pytest.mark.alone
@pytest.mark.parametrize(
    "text", ["a " * 10_000, "not " * 5_000, "violates our " * 2_000, "model " * 4_000, "敏感包含" * 5_000]
)
def test_it_takes_no_time_with_long_messages(text: str) -> None:
    started = time.perf_counter()
    known_failures.sentence("", text)
    assert time.perf_counter() - started < 0.5
