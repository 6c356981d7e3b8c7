"""The provider of OpenAI's models behaves the same with the newest major of the openai SDK as with the host's."""

from __future__ import annotations

import os
import subprocess

import pytest

from tools.testing import ROOT, newest_openai

pytestmark = pytest.mark.contract

CASES = "tests/providers/test_openai.py"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [str(newest_openai()), *arguments]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)


def test_the_sdk_there_is_of_another_major_than_the_hosts():
    import openai

    theirs = run("-c", "import openai; print(openai.__version__)").stdout.strip()
    assert (openai.__version__.partition(".")[0], theirs.partition(".")[0]) == ("2", "3")


def test_the_same_cases_pass():
    ended = run("-m", "pytest", "-q", "-p", "no:cacheprovider", CASES)
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-2000:]
    assert " passed" in ended.stdout
