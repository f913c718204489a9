"""Generated passwords are strong, readable and always acceptable."""

import secrets
import string
from random import Random
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o365desk.domain.passwords import PasswordKind, acceptable
from o365desk.services import passwords
from o365desk.services.passwords import generate

USERNAMES = st.one_of(
    st.text(max_size=12),
    st.text(string.ascii_letters + string.digits, min_size=1, max_size=5),
    st.sampled_from(["ing@x.example", "the", "a", "", "ER@x", "---@x", "2@x"]),
)


CHANCE = st.randoms(use_true_random=False)
"""Takes the place of the system's, so that a failure can be repeated."""


def made(kind: PasswordKind, chance: Random, username: str = "") -> str:
    with mock.patch.object(passwords, "_CHANCE", chance):
        return generate(kind, username).reveal()


@given(kind=st.sampled_from(PasswordKind), username=USERNAMES, chance=CHANCE)
def test_always_acceptable(kind: PasswordKind, username: str, chance: Random) -> None:
    assert acceptable(made(kind, chance, username), username)


def test_chance_is_the_systems() -> None:
    assert isinstance(passwords._CHANCE, secrets.SystemRandom)


@given(chance=CHANCE)
def test_characters(chance: Random) -> None:
    text = made(PasswordKind.CHARACTERS, chance)
    assert len(text) == passwords.LENGTH >= 14
    assert text[0] in string.ascii_letters
    assert not set(text) & set("l1IO0o|`'\"&<>\\ ")
    assert any(c.islower() for c in text)
    assert any(c.isupper() for c in text)
    assert any(c.isdigit() for c in text)
    assert any(c in passwords.SYMBOLS for c in text)


@given(chance=CHANCE)
def test_passphrase(chance: Random) -> None:
    text = made(PasswordKind.PASSPHRASE, chance)
    words = text.split("-")
    assert 4 <= len(words) <= 5
    assert all(word[0].isupper() for word in words)
    assert sum(c.isdigit() for c in text) == 1
    assert all(word.rstrip(passwords.DIGITS).isalpha() for word in words)
    assert text.isascii()


def test_no_two_are_alike() -> None:
    for kind in PasswordKind:
        assert len({generate(kind).reveal() for _ in range(200)}) == 200


def test_the_words_are_many() -> None:
    """Five of 4,096 would be 60 bits."""
    assert len(passwords._words()) > 4096


def test_a_username_in_every_phrase_is_got_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_words", lambda: ("walnut",))
    text = generate(PasswordKind.PASSPHRASE, "walnut@contoso.example").reveal()
    assert "walnut" not in text.lower()
    assert acceptable(text, "walnut@contoso.example")


def test_a_policy_that_nothing_meets_is_a_bug_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "acceptable", lambda text, username: False)
    with pytest.raises(AssertionError):
        generate(PasswordKind.CHARACTERS)
