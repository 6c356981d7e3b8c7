"""The log: level, JSON lines, own file, and nothing secret in it."""

import json
import logging

import pytest

from flux_studio.logs import ROOT, configure
from flux_studio.settings import Secret, Settings


@pytest.fixture(autouse=True)
def restored():
    root = logging.getLogger(ROOT)
    before = root.level, root.propagate
    yield
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
    root.level, root.propagate = before
    root.__dict__.pop("flux_studio_settings", None)


def test_json_lines_go_to_the_file_without_secrets(tmp_path):
    path = tmp_path / "studio.log"
    configure(Settings(log_format="json", log_file=str(path), flux_key=Secret("sk-secret")))
    logging.getLogger("flux_studio.bfl").info("polled %s with sk-secret", "https://d.bfl.ai/x?sig=abc&se=2026")
    logging.getLogger("flux_studio.bfl").debug("not at this level")
    (line,) = path.read_text().splitlines()
    record = json.loads(line)
    assert (record["level"], record["logger"]) == ("INFO", "flux_studio.bfl")
    assert "sk-secret" not in line
    assert "abc" not in line
    assert "2026" not in record["message"]


def test_by_default_lines_pass_to_the_host(caplog):
    configure(Settings(log_level="WARNING"))
    logging.getLogger("flux_studio.jobs").info("quiet")
    logging.getLogger("flux_studio.jobs").warning("heard")
    assert [record.message for record in caplog.records] == ["heard"]


def test_the_same_settings_open_no_second_handler(tmp_path):
    settings = Settings(log_file=str(tmp_path / "a.log"))
    configure(settings)
    first = logging.getLogger(ROOT).handlers
    configure(settings)
    assert logging.getLogger(ROOT).handlers == first
    assert len(first) == 1


def test_a_file_that_cannot_be_written_costs_no_request(tmp_path):
    configure(Settings(log_file=str(tmp_path / "missing" / "a.log")))
    logging.getLogger("flux_studio.jobs").warning("still works")


def test_lines_for_the_host_hold_no_secret_either(caplog):
    configure(Settings(flux_key=Secret("sk-secret")))
    logging.getLogger("flux_studio.bfl").warning("polled %s with sk-secret", "https://d.bfl.ai/x?sig=abc")
    assert "sk-secret" not in caplog.text
    assert "abc" not in caplog.text


def test_the_keys_of_all_users_are_removed_and_share_one_handler(tmp_path):
    path = tmp_path / "studio.log"
    configure(Settings(log_file=str(path), flux_key=Secret("sk-of-ann")))
    first = list(logging.getLogger(ROOT).handlers)
    configure(Settings(log_file=str(path), flux_key=Secret("sk-of-bob")))
    assert logging.getLogger(ROOT).handlers == first
    logging.getLogger("flux_studio.bfl").warning("sk-of-ann and sk-of-bob")
    assert "sk-of" not in path.read_text()


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_traceback_holds_no_secret(tmp_path, log_format):
    path = tmp_path / "studio.log"
    configure(Settings(log_format=log_format, log_file=str(path), flux_key=Secret("sk-secret")))
    try:
        raise ValueError("sk-secret at https://d.bfl.ai/x?sig=abc")
    except ValueError:
        logging.getLogger("flux_studio.bfl").exception("failed")
    text = path.read_text()
    assert "ValueError" in text
    assert "sk-secret" not in text
    assert "abc" not in text
