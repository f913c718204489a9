"""What the tests of services share: one sign-in with MSAL for all of them."""

from collections.abc import Iterator

import pytest

from tests.services.practice import START
from tests.services.signed_in import SignedIn, signing_in


@pytest.fixture(scope="session")
def signed_in() -> Iterator[SignedIn]:
    with signing_in(START) as made:
        yield made
