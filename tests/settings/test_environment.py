"""Environment variables: each type has its getter, and a bad value is named with what is allowed."""

from __future__ import annotations

import pytest

from flux_studio import environment
from flux_studio.errors import ConfigurationError
from flux_studio.settings import build
from flux_studio.valves import PipeValves


@pytest.mark.parametrize(
    ("getter", "value", "expected"),
    [
        (environment.text, " a b ", "a b"),
        (environment.switch, "ON", True),
        (environment.switch, "0", False),
        (environment.whole, " 12 ", 12),
        (environment.number, "2.5", 2.5),
        (environment.listing, " a, b ,,c\nd ", ("a", "b", "c", "d")),
    ],
)
def test_each_type_has_its_getter(getter, value, expected):
    assert getter({"FLUX_X": value}, "FLUX_X") == expected


@pytest.mark.parametrize(
    ("getter", "default"),
    [
        (environment.text, "d"),
        (environment.switch, True),
        (environment.whole, 7),
        (environment.number, 1.5),
        (environment.listing, ("d",)),
    ],
)
@pytest.mark.parametrize("environ", [{}, {"FLUX_X": "  "}])
def test_what_is_not_set_or_empty_is_the_default(getter, default, environ):
    assert getter(environ, "FLUX_X", default) == default


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"FLUX_CACHE_SIZE": "many"}, "FLUX_CACHE_SIZE must be a whole number, not 'many'"),
        ({"FLUX_CACHE_SIZE": "1.5"}, "FLUX_CACHE_SIZE must be a whole number"),
        ({"FLUX_CACHE_SIZE": "-1"}, "CACHE_SIZE must be a number 0 to 1e"),
        ({"FLUX_REQUEST_TIMEOUT": "soon"}, "FLUX_REQUEST_TIMEOUT must be a number, not 'soon'"),
        ({"FLUX_REQUEST_TIMEOUT": "nan"}, "REQUEST_TIMEOUT must be a number 1 to 600"),
        ({"FLUX_MAX_RETRIES": "x"}, "FLUX_MAX_RETRIES must be a whole number"),
        ({"FLUX_RATE_LIMIT": "x"}, "FLUX_RATE_LIMIT must be a whole number"),
        ({"FLUX_FEATURE_ADVANCED_PARAMETERS": "perhaps"}, "FLUX_FEATURE_ADVANCED_PARAMETERS must be on or off"),
        ({"FLUX_LOG_LEVEL": "LOUD"}, "FLUX_LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR, not 'LOUD'"),
        ({"FLUX_ENV": "prod"}, "FLUX_ENV must be production, development or test, not 'prod'"),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(environ, words):
    with pytest.raises(ConfigurationError) as raised:
        build(PipeValves(), None, environ)
    assert words in raised.value.sentence


@pytest.mark.parametrize(
    ("environ", "name", "expected"),
    [
        ({"FLUX_CACHE_SIZE": "16"}, "cache_size", 16),
        ({"FLUX_REQUEST_TIMEOUT": "2.5"}, "request_timeout", 2.5),
        ({"FLUX_MAX_RETRIES": "0"}, "max_retries", 0),
        ({"FLUX_RATE_LIMIT": "5"}, "rate_limit", 5),
        ({"FLUX_LOG_LEVEL": "warning"}, "log_level", "WARNING"),
        ({"FLUX_TRUSTED_HOSTS": "A.example, b"}, "trusted_hosts", frozenset({"a.example", "b"})),
    ],
)
def test_a_valve_that_is_not_set_follows_the_environment(environ, name, expected):
    assert getattr(build(PipeValves(), None, environ), name) == expected


def test_a_valve_that_is_set_beats_the_environment():
    valves = PipeValves(CACHE_SIZE=0, REQUEST_TIMEOUT=9, LOG_LEVEL="ERROR")
    environ = {"FLUX_CACHE_SIZE": "16", "FLUX_REQUEST_TIMEOUT": "2.5", "FLUX_LOG_LEVEL": "DEBUG"}
    settings = build(valves, None, environ)
    assert (settings.cache_size, settings.request_timeout, settings.log_level) == (0, 9, "ERROR")
