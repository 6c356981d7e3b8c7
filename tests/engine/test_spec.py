"""Jobs as JSON: what is taken, what is refused and how it is told."""

from __future__ import annotations

import base64

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flux_engine.errors import EngineFault
from flux_engine.spec import MAX_SEED, parse, to_json

PICTURE = base64.b64encode(b"picture").decode()
JOB = {"model": "flux-tiny", "prompt": "a red circle"}


def test_a_short_job_gets_the_defaults():
    spec = parse(JOB)
    assert (spec.task, spec.format, spec.preview_every, len(spec.seeds)) == ("generate", "png", 2, 1)
    assert (spec.width, spec.steps, spec.guidance, spec.strength) == (None, None, None, None)


def test_a_job_without_seed_gets_a_random_one():
    assert parse(JOB).seeds != parse(JOB).seeds


def test_several_pictures_count_the_seed_up_and_around():
    assert parse({**JOB, "seed": MAX_SEED, "count": 3}).seeds == (MAX_SEED, 0, 1)


def test_the_names_of_the_older_contract_are_understood():
    older = {
        "prompt": "a red circle",
        "model": "flux-tiny",
        "num_images": 2,
        "num_inference_steps": 9,
        "guidance": 2.5,
        "seed": 3,
        "output_format": "JPEG",
        "lora_path": "sketch.safetensors",
        "init_image": PICTURE,
        "strength": 0.8,
        "width": 512,
        "height": 512,
    }
    spec = parse(older)
    assert (spec.task, spec.seeds, spec.steps, spec.guidance, spec.format) == ("edit", (3, 4), 9, 2.5, "jpeg")
    assert [(use.name, use.scale) for use in spec.loras] == [("sketch.safetensors", 0.7)]
    assert spec.pictures == (b"picture",)


def test_sides_are_rounded_and_it_is_said():
    spec = parse({**JOB, "width": 1000, "height": 512})
    assert (spec.width, spec.height) == (992, 512)
    assert spec.notes == ("The width 1000 became 992: sides are multiples of 16.",)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"prompt": "  "}, "prompt"),
        ({"prompt": 5}, "prompt"),
        ({"prompt": "x" * 40_000}, "prompt"),
        ({"model": None}, "model"),
        ({"steps": 0}, "steps"),
        ({"steps": 2.5}, "steps"),
        ({"steps": True}, "steps"),
        ({"steps": float("nan")}, "steps"),
        ({"guidance": -1}, "guidance"),
        ({"count": 5}, "count"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**32}, "seed"),
        ({"seeds": []}, "seeds"),
        ({"width": 10}, "width"),
        ({"width": "512"}, "width"),
        ({"height": 5000}, "height"),
        ({"format": "gif"}, "format"),
        ({"task": "dance"}, "task"),
        ({"task": "edit"}, "picture"),
        ({"task": "generate", "picture": PICTURE}, "picture"),
        ({"picture": "***"}, "picture"),
        ({"pictures": PICTURE}, "pictures"),
        ({"pictures": [PICTURE] * 11}, "pictures"),
        ({"task": "inpaint", "picture": PICTURE}, "mask"),
        ({"task": "edit", "picture": PICTURE, "mask": PICTURE}, "mask"),
        ({"loras": [{"scale": 1}]}, "loras"),
        ({"loras": [{"name": "a", "scale": 9}]}, "loras"),
        ({"scheduler": "magic"}, "scheduler"),
    ],
)
def test_a_wrong_field_is_named(change, field):
    with pytest.raises(EngineFault) as refused:
        parse({**JOB, **change})
    assert (refused.value.code, refused.value.field) == ("invalid", field)
    assert field in refused.value.sentence


@pytest.mark.parametrize("document", [None, [], "job", 5])
def test_a_job_is_an_object(document):
    with pytest.raises(EngineFault, match="JSON object"):
        parse(document)


def test_what_is_written_is_read_again():
    spec = parse(
        {
            **JOB,
            "task": "inpaint",
            "picture": PICTURE,
            "mask": PICTURE,
            "seed": 1,
            "loras": [{"name": "a", "scale": 0.5}],
        }
    )
    assert parse(to_json(spec)) == spec


values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.lists(st.text(max_size=5), max_size=3)
)
names = st.sampled_from(
    ["task", "model", "prompt", "seed", "seeds", "count", "width", "steps", "mask", "pictures", "loras"]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(names, values))
def test_whatever_comes_it_is_a_job_or_a_sentence(document):
    assert answered(document) in ("a job", "invalid")


def answered(document) -> str:
    try:
        parse(document)
    except EngineFault as refused:
        return refused.code if refused.sentence else "nothing"
    return "a job"
