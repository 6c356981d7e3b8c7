"""Every row of the catalog and each of its tasks over sockets: the answer is what was asked for."""

from dataclasses import replace

import pytest

from flux_studio.catalog.check import check
from flux_studio.flows import split
from flux_studio.providers.bfl_request import field_name
from flux_studio.types import Size

from .rows import Case, cases, other_value, picture

CASES = cases()
EACH = pytest.mark.parametrize("case", CASES, ids=str)
BY_ROW = pytest.mark.parametrize(
    "case", {case.row.name: case for case in CASES}.values(), ids=lambda case: case.row.name
)
ALLOWED_ERROR = 0.06
"""How far a ratio may be off: Kontext has a short list of sizes."""


@pytest.fixture(autouse=True)
def all_endpoints(sandbox):
    """The sandbox with those endpoints too that were withdrawn, and with enough credits."""
    sandbox.change(withdrawn="answer", balance=1_000_000)


def checked(case: Case, **changes):
    return check(case.row, case.request(**changes), safety_cap=6).request


async def results(desk, case, request):
    """What comes of a request, one job after another as the flows cut it."""
    parts = split(request, case.row)
    return [await desk.result(part, desk.context(safety_tolerance=6), row=case.row) for part in parts]


async def answered(desk, case, request):
    """All pictures of a request."""
    return [picture for result in await results(desk, case, request) for picture in result.pictures]


def shows_its_seed(case):
    """The sandbox sharpens and erases in one way only."""
    return case.row.prompt != "none"


@EACH
async def test_size_format_and_seed_are_those_asked_for(desk, sandbox, case):
    wish = {"format": case.row.formats[-1]} if case.row.formats else {}
    seeds = (7, 7, 8) if case.row.seed else (None,)
    made = [result for seed in seeds for result in await results(desk, case, checked(case, seed=seed, **wish))]
    pictures = [result.pictures[0] for result in made]
    first = pictures[0]
    if isinstance(case.size, Size):
        assert first.size == case.size
    else:
        assert abs(first.width / first.height / case.size - 1) < ALLOWED_ERROR
    assert first.mime == f"image/{wish.get('format', case.row.default_format)}"
    if case.row.seed:
        assert [result.seed for result in made] == [7, 7, 8]
        assert pictures[0].data == pictures[1].data
        assert (pictures[0].data != pictures[2].data) == shows_its_seed(case)
    assert sandbox.violations == []
    assert {call.endpoint for call in sandbox.calls} == {case.row.endpoint}


@BY_ROW
async def test_several_pictures_are_several_jobs_with_seeds_counted_up(desk, sandbox, case):
    seed = 5 if case.row.seed else None
    pictures = await answered(desk, case, checked(case, count=2, seed=seed))
    assert len(pictures) == 2
    assert len(sandbox.calls) == 2
    if case.row.seed:
        assert [call.body["seed"] for call in sandbox.calls] == [5, 6]
        assert (pictures[0].data != pictures[1].data) == shows_its_seed(case)


@BY_ROW
async def test_every_setting_reaches_the_wire_under_the_services_name(desk, sandbox, case):
    options = {spec.name: other_value(spec) for spec in case.row.options if not spec.computed}
    request = case.request()
    # how much a picture counts makes sense only with one
    if case.row.pictures.inspires:
        request = replace(request, pictures=(picture(),))
    request = replace(request, options={**request.options, **options})
    await answered(desk, case, check(case.row, request, safety_cap=6).request)
    (call,) = sandbox.calls
    for spec in case.row.options:
        if not spec.computed:
            sent = options[spec.name]
            assert call.body[field_name(spec)] == ((not sent) if spec.inverted else sent), spec.name
    if case.row.pictures.inspires:
        assert call.body["image_prompt"]["width"] == 320


@BY_ROW
async def test_every_format_comes_as_asked(desk, case):
    for format_name in case.row.formats:
        (made,) = await answered(desk, case, checked(case, format=format_name))
        assert made.mime == f"image/{format_name}"


@BY_ROW
async def test_as_many_pictures_as_the_row_takes_travel_in_their_order(desk, sandbox, case):
    if not case.row.pictures.maximum:
        return
    most = case.row.pictures.maximum
    given = tuple(picture(number) for number in range(most))
    await answered(desk, case, checked(case, pictures=given))
    body = sandbox.calls[0].body
    fields = dict.fromkeys(case.row.pictures.fields)
    arrived = [entry for field in fields for entry in (body[field] if isinstance(body[field], list) else [body[field]])]
    assert len(arrived) == most
    assert len({entry["sha256"] for entry in arrived}) == most


def test_a_ratio_is_sent_as_the_service_lists_it():
    case = next(case for case in CASES if case.row.size.ratios)
    request = check(case.row, case.request(aspect="32:18"), safety_cap=6).request
    assert request.aspect == "16:9"
