"""Settings: precedence, placeholders, ranges, and secrets that never show."""

import pytest

from flux_studio.errors import ConfigurationError
from flux_studio.settings import Secret, Settings, build, for_editor, is_placeholder, names
from flux_studio.valves import EditValves, PipeUserValves, PipeValves

NOTHING: dict[str, str] = {}


@pytest.mark.parametrize(
    ("valves", "user", "environ", "key"),
    [
        ({}, {}, {}, ""),
        ({}, {}, {"BFL_API_KEY": "b"}, "b"),
        ({}, {}, {"BFL_API_KEY": "b", "FLUX_API_KEY": "a"}, "a"),
        ({"FLUX_API_KEY": "valve"}, {}, {"FLUX_API_KEY": "a"}, "valve"),
        ({"FLUX_API_KEY": ""}, {}, {"FLUX_API_KEY": "a"}, "a"),
        ({"FLUX_API_KEY": "YOUR-FLUX-API-KEY"}, {}, {"FLUX_API_KEY": "a"}, "a"),
        ({"FLUX_API_KEY": "YOUR-FLUX-API-KEY"}, {}, {}, ""),
        ({"FLUX_API_KEY": "valve"}, {"FLUX_API_KEY": "own"}, {}, "valve"),
        ({"FLUX_API_KEY": "valve", "ALLOW_USER_KEYS": True}, {"FLUX_API_KEY": "own"}, {}, "own"),
        ({"FLUX_API_KEY": "valve", "ALLOW_USER_KEYS": True}, {"FLUX_API_KEY": ""}, {}, "valve"),
        ({"FLUX_API_KEY": "  padded\n"}, {}, {}, "padded"),
    ],
)
def test_key_precedence(valves, user, environ, key):
    settings = build(PipeValves(**valves), PipeUserValves(**user), environ)
    assert settings.flux_key.reveal() == key


def test_a_default_never_beats_the_environment():
    environ = {"FLUX_API_ENDPOINT": "https://api.eu.bfl.ai", "FLUX_FEATURE_PROMPT_UPSAMPLING": "off"}
    settings = build(PipeValves(), None, environ)
    assert settings.flux_endpoint == "https://api.eu.bfl.ai"
    assert settings.prompt_upsampling is False
    kept = build(PipeValves(FLUX_API_ENDPOINT="https://api.us.bfl.ai", PROMPT_UPSAMPLING=True), None, environ)
    assert kept.flux_endpoint == "https://api.us.bfl.ai"
    assert kept.prompt_upsampling is True


@pytest.mark.parametrize(
    ("pasted", "endpoint"),
    [
        ("https://api.us1.bfl.ai/scalar", "https://api.us1.bfl.ai"),
        ("https://api.bfl.ai/v1/", "https://api.bfl.ai"),
        ("HTTPS://API.BFL.AI", "https://api.bfl.ai"),
        (" http://127.0.0.1:8123 ", "http://127.0.0.1:8123"),
    ],
)
def test_pasted_addresses_are_reduced_to_their_origin(pasted, endpoint):
    assert build(PipeValves(FLUX_API_ENDPOINT=pasted), None, NOTHING).flux_endpoint == endpoint


@pytest.mark.parametrize(
    ("valve", "value"),
    [
        ("FLUX_API_ENDPOINT", "api.bfl.ai"),
        ("FLUX_API_ENDPOINT", "file:///etc/passwd"),
        ("FLUX_API_ENDPOINT", "https://user:password@api.bfl.ai"),
        ("FLUX_API_ENDPOINT", "https://[api.bfl.ai"),
        ("FLUX_API_ENDPOINT", "https://api.bfl.ai:99999"),
        ("FLUX_API_ENDPOINT", "https://api.bfl.ai:port"),
        ("REQUEST_TIMEOUT", -5),
        ("REQUEST_TIMEOUT", float("nan")),
        ("MAX_RETRIES", 11),
        ("JOB_TIMEOUT", 1),
        ("MAX_PARALLEL_JOBS", 0),
        ("SAFETY_TOLERANCE", 7),
    ],
)
def test_a_bad_valve_is_named(valve, value):
    with pytest.raises(ConfigurationError, match=valve) as raised:
        build(PipeValves(**{valve: value}), None, NOTHING)
    assert "password" not in raised.value.detail


@pytest.mark.parametrize(
    "environ", [{"FLUX_ENV": "prod"}, {"FLUX_LOG_LEVEL": "LOUD"}, {"FLUX_FEATURE_ADVANCED_PARAMETERS": "perhaps"}]
)
def test_a_bad_environment_variable_is_refused(environ):
    with pytest.raises(ConfigurationError):
        build(PipeValves(), None, environ)


def test_development_logs_debug_unless_the_admin_says_otherwise():
    assert build(PipeValves(), None, {"FLUX_ENV": "development"}).log_level == "DEBUG"
    assert build(PipeValves(LOG_LEVEL="ERROR"), None, {"FLUX_ENV": "development"}).log_level == "ERROR"


def test_secrets_never_show():
    settings = build(PipeValves(FLUX_API_KEY="sk-very-secret"), None, NOTHING)
    assert "sk-very-secret" not in f"{settings!r} {settings.flux_key} {settings.flux_key!r} {[settings.flux_key]}"
    assert settings.flux_key.fingerprint() != Secret("other").fingerprint()


def test_personal_defaults():
    settings = build(
        PipeValves(), PipeUserValves(ASPECT_RATIO=" 16:9 ", COUNT=3, SEED=7, OUTPUT_FORMAT="webp"), NOTHING
    )
    assert (settings.aspect, settings.count, settings.seed, settings.output_format) == ("16:9", 3, 7, "webp")
    assert build(PipeValves(), PipeUserValves(), NOTHING) == Settings()


@pytest.mark.parametrize(("text", "expected"), [("", ()), (" a, b ,,c\nd ", ("a", "b", "c", "d"))])
def test_lists(text, expected):
    assert names(text) == expected


@pytest.mark.parametrize("key", ["", " ", "YOUR-FLUX-API-KEY", "your_api_key", "<key>", "xxxx"])
def test_placeholders(key):
    assert is_placeholder(key)


def test_the_editor_takes_what_its_own_valves_leave_empty_from_flux_studio():
    pipe = PipeValves(FLUX_API_KEY="shared", FLUX_API_ENDPOINT="https://api.eu.bfl.ai", SAFETY_TOLERANCE=2)
    settings = for_editor(pipe, EditValves(), environ={})
    assert settings.flux_key.reveal() == "shared"
    assert settings.flux_endpoint == "https://api.eu.bfl.ai"
    assert (settings.safety_tolerance, settings.job_timeout, settings.poll_interval) == (2, 120, 2)


def test_the_editor_may_have_its_own_account():
    edit = EditValves(
        FLUX_API_URL="https://api.us.bfl.ai/v1/flux-pro-1.0-fill",
        FLUX_API_KEY="own",
        SAFETY_TOLERANCE=1,
        OUTPUT_FORMAT="png",
        POLL_INTERVAL=5,
        MAX_POLL_ATTEMPTS=100,
    )
    settings = for_editor(PipeValves(FLUX_API_KEY="shared", SAFETY_TOLERANCE=6), edit, environ={"FLUX_API_KEY": "env"})
    assert (settings.flux_key.reveal(), settings.flux_endpoint) == ("own", "https://api.us.bfl.ai")
    assert (settings.safety_tolerance, settings.output_format) == (1, "png")
    assert (settings.job_timeout, settings.poll_interval) == (500, 5)


def test_a_placeholder_key_of_the_editor_counts_as_empty():
    settings = for_editor(PipeValves(), EditValves(FLUX_API_KEY="YOUR-FLUX-API-KEY"), environ={"BFL_API_KEY": "env"})
    assert settings.flux_key.reveal() == "env"


@pytest.mark.parametrize(
    ("valve", "value"),
    [
        ("STEPS", 0),
        ("GUIDANCE", -1),
        ("SAFETY_TOLERANCE", 7),
        ("POLL_INTERVAL", 0),
        ("MAX_POLL_ATTEMPTS", 0),
        ("FLUX_API_URL", "ftp://nowhere"),
    ],
)
def test_a_wrong_valve_of_the_editor_is_named(valve, value):
    with pytest.raises(ConfigurationError, match=valve):
        for_editor(PipeValves(), EditValves(**{valve: value}), environ={})


@pytest.mark.parametrize(
    ("valves", "environ", "expected"),
    [
        ({}, {}, "https://api.us1.bfl.ai"),
        ({"FLUX_FINETUNE_ENDPOINT": "https://api.eu1.bfl.ai/scalar"}, {}, "https://api.eu1.bfl.ai"),
        ({"FLUX_FINETUNE_ENDPOINT": ""}, {}, "https://api.us1.bfl.ai"),
        ({}, {"FLUX_FINETUNE_ENDPOINT": "http://127.0.0.1:8094"}, "http://127.0.0.1:8094"),
        ({"FLUX_API_ENDPOINT": "https://api.eu.bfl.ai"}, {}, "https://api.us1.bfl.ai"),
        # the key of another service is none of BFL's business, unless an admin says so
        ({"FLUX_API_ENDPOINT": "https://flux.example.com"}, {}, "https://flux.example.com"),
        ({"FLUX_API_ENDPOINT": "https://api.notbfl.ai"}, {}, "https://api.notbfl.ai"),
        (
            {"FLUX_API_ENDPOINT": "https://flux.example.com", "FLUX_FINETUNE_ENDPOINT": "https://api.us1.bfl.ai"},
            {},
            "https://api.us1.bfl.ai",
        ),
    ],
)
def test_finetunes_have_an_address_of_their_own(valves, environ, expected):
    assert build(PipeValves(**valves), environ=environ).flux_finetune_endpoint == expected


def test_picture_prompts_are_off_unless_switched_on():
    assert not build(PipeValves(), environ={}).image_prompt_support
    assert build(PipeValves(IMAGE_PROMPT_SUPPORT=True), environ={}).image_prompt_support
    assert build(PipeValves(), environ={"FLUX_FEATURE_IMAGE_PROMPT_SUPPORT": "on"}).image_prompt_support
