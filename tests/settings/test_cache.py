"""The bounded memory: what was not asked for longest goes first."""

from __future__ import annotations

from flux_studio.cache import LeastRecentlyUsed


def filled(size: int, count: int) -> LeastRecentlyUsed[int, str]:
    made: LeastRecentlyUsed[int, str] = LeastRecentlyUsed(size)
    for number in range(count):
        made.put(number, str(number))
    return made


def test_the_least_recently_used_goes_first():
    cache = filled(3, 3)
    assert cache.get(0) == "0"
    cache.put(3, "3")
    assert [cache.get(number) for number in range(4)] == ["0", None, "2", "3"]


def test_putting_again_renews():
    cache = filled(2, 2)
    cache.put(0, "new")
    cache.put(2, "2")
    assert (cache.get(0), cache.get(1), len(cache)) == ("new", None, 2)


def test_a_smaller_size_takes_effect_at_once_and_none_keeps_none():
    cache = filled(5, 5)
    cache.resize(2)
    assert [cache.get(number) for number in range(5)] == [None, None, None, "3", "4"]
    cache.resize(0)
    cache.put(9, "9")
    assert (len(cache), cache.get(9)) == (0, None)


def test_what_is_forgotten_is_gone():
    cache = filled(2, 1)
    cache.forget(0)
    cache.forget(7)
    assert cache.get(0) is None
