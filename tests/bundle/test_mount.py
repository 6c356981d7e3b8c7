"""Built plugins in a small copy of the host's loader: sharing, reloading, releases, tracebacks."""

from __future__ import annotations

import ast
import asyncio
import concurrent.futures
import inspect
import json
import linecache
import pickle
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path

import black
import pytest

from tests.bundle.small_host import load, publish, rewritten
from tests.bundle.tree import FILES, MARK, put

pytestmark = pytest.mark.usefixtures("clean_interpreter")

Built = Callable[[], dict[str, str]]
PACKAGE = "shared/flux_studio/"


def embedded(text: str) -> dict[str, str]:
    """Return the files in a built plugin, read from its text without running it."""
    assignments = [node for node in ast.parse(text).body if isinstance(node, ast.Assign)]
    return {
        ast.literal_eval(node.targets[0].slice): ast.literal_eval(node.value)
        for node in assignments
        if ast.unparse(node.targets[0]).startswith("_FILES[")
    }


def kept_from_formatting(text: str) -> str:
    """Return the part of a built plugin with the loader and the embedded files."""
    return text.partition("# fmt: off\n")[2].partition("# fmt: on\n")[0]


def test_embedded_text_is_the_source_text(built: Built) -> None:
    expected = {path.removeprefix(PACKAGE): text for path, text in FILES.items() if path.startswith(PACKAGE)}
    for name in ("flux_studio.py", "flux_studio_buttons.py", "flux_studio_watch.py"):
        assert embedded(built()[name]) == expected
        assert list(embedded(built()[name])) == sorted(expected)


def test_the_host_rewrites_nothing(built: Built) -> None:
    texts = built()
    assert {name: rewritten(text) for name, text in texts.items()} == texts


def test_the_plugins_code_stands_at_the_end_as_written(built: Built) -> None:
    code = built()["flux_studio_buttons.py"].partition("# --- plugin ---\n")[2]
    written = FILES["actions/buttons.py"].partition('"""\n\n')[2]
    assert code.endswith("\n\n" + written.replace("from flux_studio.", "from ."))


def test_runs(built: Built) -> None:
    module = load("flux_studio", built()["flux_studio.py"])
    assert asyncio.run(module.Pipe().pipe("a cat")) == "picture of a cat"
    assert asyncio.run(module.Pipe().pipe("bad")) == "refused by 1.0.0"
    assert module.NOTE == "from flux_studio.calls import CALLS"


def test_reads_embedded_data(built: Built) -> None:
    module = load("flux_studio", built()["flux_studio.py"])
    assert asyncio.run(module.Pipe().table()) == FILES[PACKAGE + "table.json"]


def test_missing_data_is_a_missing_file(built: Built) -> None:
    module = load("flux_studio", built()["flux_studio.py"])
    with pytest.raises(FileNotFoundError, match=r"other\.json"):
        module.pkgutil.get_data(module.__package__, "other.json")


def test_backslashes_and_quotes_arrive(built: Built) -> None:
    module = load("flux_studio", built()["flux_studio.py"])
    provider = sys.modules[module.get("bfl").__module__]
    assert provider.BACKSLASHES == 'C:\\new\\temp\n\t\\quote"s'


def test_a_missing_dependency_breaks_only_what_needs_it(built: Built) -> None:
    module = load("flux_studio", built()["flux_studio.py"])
    with pytest.raises(ModuleNotFoundError, match="a_package_that_is_not_installed"):
        asyncio.run(module.Pipe().late("absent"))
    with pytest.raises(ModuleNotFoundError, match=r"flux_studio_\w{12}\.providers\.nowhere"):
        asyncio.run(module.Pipe().late("nowhere"))
    assert asyncio.run(module.Pipe().pipe("a cat")) == "picture of a cat"


def test_the_formatter_of_the_admin_page_changes_nothing(built: Built) -> None:
    text = built()["flux_studio.py"]
    formatted = black.format_str(text.replace("class Pipe:", "class   Pipe( ):"), mode=black.Mode())
    assert "class Pipe:" in formatted
    assert kept_from_formatting(formatted) == kept_from_formatting(text)
    assert load("a", formatted).__package__ == load("b", text).__package__


def test_all_plugins_share_one_package(built: Built) -> None:
    texts = built()
    pipe, action = load("flux_studio", texts["flux_studio.py"]), load("buttons", texts["flux_studio_buttons.py"])
    asyncio.run(pipe.Pipe().pipe("a cat"))
    assert asyncio.run(action.Action().action()) == ["a cat"]
    assert action.Request is pipe.Request


def test_a_reload_keeps_state_and_adds_no_finder(built: Built) -> None:
    text = built()["flux_studio.py"]
    first = load("flux_studio", text)
    publish("flux_studio", first)
    asyncio.run(first.Pipe().pipe("a cat"))
    finders = len(sys.meta_path)
    second = load("flux_studio", text)
    publish("flux_studio", second)
    assert second.CALLS is first.CALLS == ["a cat"]
    assert len(sys.meta_path) == finders


def test_an_edit_of_the_plugin_alone_keeps_the_shared_copy(built: Built, tree: Path) -> None:
    old = load("flux_studio", built()["flux_studio.py"])
    put(tree, "functions/studio.py", FILES["functions/studio.py"].replace("return str(error)", 'return "no"'))
    new = load("flux_studio", built()["flux_studio.py"])
    assert new.CALLS is old.CALLS
    assert asyncio.run(new.Pipe().pipe("bad")) == "no"


def test_an_edit_of_the_package_in_the_admin_page_takes_effect(built: Built) -> None:
    text = built()["flux_studio.py"]
    original, edited = load("a", text), load("b", text.replace('VERSION = "1.0.0"', 'VERSION = "1.0.0-mine"'))
    assert asyncio.run(edited.Pipe().pipe("bad")) == "refused by 1.0.0-mine"
    assert asyncio.run(original.Pipe().pipe("bad")) == "refused by 1.0.0"


@pytest.mark.parametrize("path", [path for path in FILES if path.startswith(PACKAGE)])
def test_every_file_counts_for_the_name(built: Built, tree: Path, path: str) -> None:
    old = load("flux_studio_watch", built()["flux_studio_watch.py"])
    put(tree, path, FILES[path] + "\n")
    new = load("flux_studio_watch", built()["flux_studio_watch.py"])
    assert new.__package__ != old.__package__


def test_the_plugin_counts_as_a_module_of_the_package(built: Built) -> None:
    """Python 3.15 looks only at __spec__ to resolve relative imports."""
    module = load("flux_studio", built()["flux_studio.py"])
    assert module.__spec__ is not None
    assert module.__spec__.parent == module.__package__


def test_two_releases_run_side_by_side(built: Built, tree: Path) -> None:
    old = load("flux_studio", built()["flux_studio.py"])
    put(tree, PACKAGE + "__init__.py", 'VERSION = "2.0.0"\n')
    new = load("flux_studio", built()["flux_studio.py"])
    publish("flux_studio", new)
    # The old one imports providers.bfl and types only now, and must not get the new release's.
    assert asyncio.run(old.Pipe().pipe("bad")) == "refused by 1.0.0"
    assert asyncio.run(new.Pipe().pipe("bad")) == "refused by 2.0.0"
    assert old.CALLS is not new.CALLS
    assert old.Refused is not new.Refused


def test_concurrent_loads_make_one_copy(built: Built) -> None:
    text = built()["flux_studio.py"]
    barrier = threading.Barrier(8)

    def one(number: int) -> list[str]:
        barrier.wait()
        return load(f"flux_studio_{number}", text).CALLS

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert len({id(calls) for calls in pool.map(one, range(8))}) == 1


def test_a_failed_load_can_be_repeated(built: Built, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    init = 'import sys\n\nif not hasattr(sys, "flux_ready"):\n    raise RuntimeError("not yet")\nVERSION = "3.0.0"\n'
    put(tree, PACKAGE + "__init__.py", init)
    text = built()["flux_studio.py"]
    with pytest.raises(RuntimeError, match="not yet"):
        load("flux_studio", text)
    monkeypatch.setattr(sys, "flux_ready", True, raising=False)
    assert load("flux_studio", text).VERSION == "3.0.0"


def test_tracebacks_show_files_and_source_lines(built: Built) -> None:
    module = load("flux_studio", built()["flux_studio.py"])
    for forget in (linecache.clearcache, linecache.checkcache):
        forget()
        with pytest.raises(module.Refused) as caught:
            asyncio.run(module.Pipe().fail())
        shown = "".join(traceback.format_exception(caught.value))
        assert MARK in shown
        assert f'File "{module.__package__}/providers/bfl.py", line 12, in generate' in shown


def test_inspect_finds_the_source(built: Built) -> None:
    module = load("flux_studio", built()["flux_studio.py"])
    assert inspect.getsource(module.get("bfl")).startswith("def generate(request):\n")
    assert inspect.getsource(module.Request).startswith("@dataclass")


def test_values_can_be_pickled(built: Built) -> None:
    module = load("flux_studio", built()["flux_studio.py"])
    assert pickle.loads(pickle.dumps(module.Request("a cat"))) == module.Request("a cat")


def test_a_foreign_name_is_left_to_other_finders(built: Built) -> None:
    module = load("flux_studio", built()["flux_studio.py"])
    finder = sys.modules[module.__package__].__loader__
    assert finder.find_spec("json.decoder") is None
    assert finder.find_spec(f"{module.__package__}_other") is None
    assert json.decoder.__spec__.loader is not finder
