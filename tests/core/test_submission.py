"""Receipt codes and the hashes that are kept instead of them."""

from __future__ import annotations

import pytest

from fieldkit.core.problem import Problem
from fieldkit.core.submission import ALPHABET, code_hash, content_hash, id_hash, normal_code, shown_code


@pytest.mark.parametrize(
    "typed",
    [
        "7KQ4M2XD9PWE",
        "7kq4-m2xd-9pwe",
        " 7KQ4 M2XD 9PWE\n",
        "７ＫＱ４－Ｍ２ＸＤ－９ＰＷＥ",
        "7kq4—m2xd·9pwe",
        "7KQ4.M2XD.9PWE",
    ],
)
def test_a_code_is_understood_however_it_was_typed(typed: str) -> None:
    assert normal_code(typed) == "7KQ4M2XD9PWE"


@pytest.mark.parametrize("typed", ["", "7KQ4M2XD9PW", "7KQ4M2XD9PWEE", "0KQ4M2XD9PWE", "7KQ4M2XD9PW我", "7KQ4M2XD9PWI"])
def test_what_cannot_be_a_code_is_refused(typed: str) -> None:
    with pytest.raises(Problem) as raised:
        normal_code(typed)
    assert raised.value.code == "receipt.malformed"


def test_a_shown_code_can_be_typed_again() -> None:
    assert shown_code("7KQ4M2XD9PWE") == "7KQ4-M2XD-9PWE"
    assert normal_code(shown_code("7KQ4M2XD9PWE")) == "7KQ4M2XD9PWE"


def test_codes_avoid_letters_that_look_alike() -> None:
    assert not set("0O1ILU") & set(ALPHABET)


def test_hashes_do_not_hold_what_they_stand_for() -> None:
    assert "7KQ4" not in code_hash("7KQ4M2XD9PWE").upper()
    assert id_hash("ab" * 16) != code_hash("7KQ4M2XD9PWE")
    assert "ab" * 16 not in id_hash("ab" * 16)


def test_the_same_content_has_the_same_hash_in_any_order() -> None:
    assert content_hash({"a": 1, "b": [1]}) == content_hash({"b": [1], "a": 1})
    assert content_hash({"a": 1}) != content_hash({"a": 2})
