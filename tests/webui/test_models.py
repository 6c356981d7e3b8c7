"""The model list of the pipe: what it shows with a key, without one, and while a valve is wrong."""

from flux_studio.valves import PipeValves
from flux_studio.webui.models import shown_models


def ids(**valves):
    return [row["id"] for row in shown_models(PipeValves(**valves))]


def test_a_key_shows_all_current_models_and_the_one_for_commands():
    shown = ids(FLUX_API_KEY="a-key")
    assert shown[0] == "flux-2-pro"
    assert shown[-1] == "commands"


def test_without_a_key_there_is_one_that_tells_what_to_do():
    assert ids() == ["setup"]


def test_a_wrong_valve_takes_no_model_away_so_that_the_chat_can_name_it():
    assert ids(FLUX_API_KEY="a-key", REQUEST_TIMEOUT=-5) == ids(FLUX_API_KEY="a-key")
    assert ids(FLUX_API_KEY="a-key", REQUEST_TIMEOUT=-5, MODELS="flux-2-max") == ["flux-2-max", "commands"]


def test_people_with_own_keys_see_the_models_without_a_key_of_the_admin():
    assert ids(ALLOW_USER_KEYS=True)[0] == "flux-2-pro"
