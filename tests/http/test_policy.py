"""Which calls are repeated, and how long the pauses are."""

import pytest

from flux_studio.http import policy

NOW = 1_800_000_000.0  # Fri, 15 Jan 2027 08:00:00 GMT


@pytest.mark.parametrize(
    ("method", "outcome", "expected"),
    [
        ("paid", "not_connected", True),
        ("paid", 429, True),
        ("paid", "broken", False),
        *[("paid", status, False) for status in (200, 302, 400, 402, 403, 404, 408, 422, 500, 502, 503, 504)],
        ("read", "not_connected", True),
        ("read", "broken", True),
        *[("read", status, True) for status in (408, 429, 500, 502, 503, 504)],
        *[("read", status, False) for status in (200, 302, 402, 403, 404, 410, 422)],
    ],
)
def test_only_what_cannot_cost_twice_is_repeated(method, outcome, expected):
    assert policy.may_repeat(method, outcome, 0, 3) is expected


@pytest.mark.parametrize(
    ("attempt", "retries", "wait", "remaining", "expected"),
    [
        (0, 0, 0.0, None, False),
        (2, 3, 0.0, None, True),
        (3, 3, 0.0, None, False),
        (0, 3, 5.0, 6.0, True),
        (0, 3, 5.0, 5.0, False),
        (0, 3, 5.0, -1.0, False),
        (0, 3, policy.MAX_RETRY_AFTER, None, True),
        (0, 3, policy.MAX_RETRY_AFTER + 1, None, False),
    ],
)
def test_repetition_ends_with_count_time_and_patience(attempt, retries, wait, remaining, expected):
    assert policy.may_repeat("read", 429, attempt, retries, wait=wait, remaining=remaining) is expected


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [("broken", True), (502, True), (504, True), (408, True), (524, True), ("not_connected", False), (500, False)]
    + [(status, False) for status in (402, 403, 422, 429, 503)],
)
def test_when_a_paid_call_may_have_started_a_job(outcome, expected):
    assert policy.may_have_started(outcome) is expected


@pytest.mark.parametrize(
    ("attempt", "jitter", "expected"),
    [(0, 1.0, 0.5), (1, 1.0, 1.0), (2, 1.0, 2.0), (3, 0.5, 2.0), (6, 1.0, 30.0), (99, 1.0, 30.0), (4, 0.0, 0.0)],
)
def test_back_off_doubles_up_to_thirty_seconds_with_full_jitter(attempt, jitter, expected):
    assert policy.delay(attempt, None, lambda: jitter) == expected


@pytest.mark.parametrize("seconds", [0.0, 7.0, 45.0])
def test_the_figure_of_the_service_wins(seconds):
    assert policy.delay(0, seconds, lambda: 1.0) == seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("nan", None),
        ("0", 0.0),
        (" 3 ", 3.0),
        ("1.5", 1.5),
        ("Fri, 15 Jan 2027 08:00:20 GMT", 20.0),
        ("Fri, 15 Jan 2027 09:00:20 +0100", 20.0),
        ("Fri, 15 Jan 2027 08:00:20 -0000", 20.0),
        ("Fri, 15 Jan 2027 07:00:00 GMT", 0.0),
        ("Fri, 99 Jan 2027 08:00:20 GMT", None),
    ],
)
def test_retry_after_in_both_forms(text, expected):
    assert policy.parse_retry_after(text, NOW) == expected
