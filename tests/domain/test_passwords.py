"""The local part of the password policy, and the holder that tells nothing."""

import copy
import logging
import pickle
import string
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o365desk.domain.passwords import (
    MAX_LENGTH,
    MIN_LENGTH,
    NewPassword,
    Secret,
    acceptable,
    check_password,
)

GOOD = "Walnut-7x"


@pytest.mark.parametrize(
    ("text", "username", "met"),
    [
        (GOOD, "", True),
        (GOOD, "zoe@contoso.example", True),
        ("Abcdefg7", "", True),
        ("abcdef7!", "", True),
        ("ABCDEF7!", "", True),
        ("Abcdefg!", "", True),
        ("", "", False),
        ("Abc-7xy", "", False),
        ("A7" + "b" * (MAX_LENGTH - 2), "", True),
        ("A7" + "b" * (MAX_LENGTH - 1), "", False),
        ("abcdefgh7", "", False),
        ("ABCDEFGH!", "", False),
        ("Zoe-walnut7", "zoe@contoso.example", False),
        ("my-ZOE-is-7", "Zoe@contoso.example", False),
        ("Zo-walnut-7", "zo@contoso.example", True),
        ("Wälnut-7x", "", False),
        ("Walnut 7x", "", True),
        ("Walnut\t7x-", "", False),
        ("Walnut\n7x-", "", False),
    ],
)
def test_known_passwords(text: str, username: str, met: bool) -> None:
    assert acceptable(text, username) is met


def test_each_rule_is_told_by_itself() -> None:
    def unmet(text: str, username: str = "zoe@x.example") -> list[str]:
        return [rule.text.split()[0] for rule in check_password(text, username) if not rule.met]

    assert unmet(GOOD) == []
    assert unmet("Aa7!") == ["8"]
    assert unmet("walnutwalnut") == ["three"]
    assert unmet("Zoe-walnut7") == ["does"]
    assert unmet("Walnüt-7xx") == ["no"]
    assert len(unmet("")) == 4


@given(st.text(max_size=300), st.text(max_size=20))
def test_any_text_is_judged(text: str, username: str) -> None:
    rules = check_password(text, username)
    assert acceptable(text, username) == all(rule.met for rule in rules)
    assert len(rules) == 4
    if acceptable(text, username):
        assert MIN_LENGTH <= len(text) <= MAX_LENGTH
        assert text.isascii()
        name = username.partition("@")[0].casefold()
        assert len(name) < 3 or name not in text.casefold()


CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "!#-_ +"[:4])


@given(
    st.sets(st.integers(0, 3), min_size=1).flatmap(
        lambda wanted: st.tuples(
            st.just(wanted),
            st.tuples(*(st.text(CLASSES[i], min_size=3, max_size=9) for i in sorted(wanted))),
        )
    )
)
def test_three_classes_are_enough_and_two_are_not(
    made: tuple[set[int], tuple[str, ...]],
) -> None:
    wanted, parts = made
    rule = check_password("".join(parts))[1]
    assert rule.met == (len(wanted) >= 3)


@given(st.text(alphabet=string.ascii_letters + string.digits, min_size=8))
def test_a_secret_never_shows(text: str) -> None:
    secret = Secret(text)
    shown = f"{secret} {secret!r} {secret!s} {secret:>20} {NewPassword(secret)} {[secret]}"
    assert text not in shown
    assert secret.reveal() == text
    assert secret == Secret(text)
    assert hash(secret) == hash(Secret(text))
    assert secret != text
    assert bool(secret)


def test_a_secret_stays_out_of_pickles_logs_and_tracebacks(
    caplog: pytest.LogCaptureFixture,
) -> None:
    secret = Secret("Canary-7x")
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        copy.deepcopy(secret)
    logging.getLogger("o365desk").warning("set to %s", secret)
    assert "Canary" not in caplog.text
    with pytest.raises(ValueError, match="Secret") as caught:
        raise ValueError(secret)
    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert "Canary" not in "".join(
        text
        for frame in frames.stack
        for name, text in (frame.locals or {}).items()
        if name == "secret"
    )
    assert not Secret("")
