"""$batch: twenty at a time, each answer judged by itself, only the failed ones again."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from o365desk.domain.directory import UserId
from o365desk.domain.errors import (
    AccessDenied,
    DeskError,
    NotFound,
    ServerFault,
    SignInRequired,
    Throttled,
    UnexpectedReply,
)
from o365desk.services.batch import send_batch
from o365desk.simulator import Fault, FaultKind
from o365desk.wire import graph_user_writes, graph_users
from o365desk.wire.messages import ApiRequest, ApiResponse
from tests.services.clients import TENANT, FakeTime, Tokens, client
from tests.services.loopback import Answer, Loopback, Seen
from tests.services.practice import Practice, check_requests, practice

NOBODY = UserId("00000000-0000-4000-8000-000000000000")


@pytest.fixture
def desk() -> Iterator[Practice]:
    made = practice("graph direct")
    yield made
    check_requests(made.calls())


def reads(count: int) -> list[ApiRequest]:
    return [graph_users.user(UserId(f"{number:08d}")) for number in range(count)]


async def send(desk: Practice, requests: list[ApiRequest]) -> list[ApiResponse | DeskError]:
    async def sleep(seconds: float) -> None:
        desk.waits.append(seconds)

    tenant = desk.tenant("large")
    return await send_batch(desk.client, requests, tenant, sleep=sleep, random=lambda: 0.5)


def ids(desk: Practice, count: int) -> list[UserId]:
    return [UserId(user["id"]) for user in desk.truth("large")["users"][:count]]


def envelopes(desk: Practice) -> list[list[str]]:
    """The ids of the items of each batch."""
    bodies = [json.loads(call.body) for call in desk.calls() if call.route == "/$batch"]
    return [[item["url"].split("/")[2][:36] for item in body["requests"]] for body in bodies]


async def test_answers_stand_in_the_order_of_the_requests(desk: Practice) -> None:
    wanted = ids(desk, 45)
    wanted[7] = NOBODY
    answers = await send(desk, [graph_users.user(user) for user in wanted])
    assert sorted(map(len, envelopes(desk))) == [5, 20, 20]
    assert type(answers[7]) is NotFound
    assert answers[7].request_id
    for user, answer in zip(wanted, answers, strict=True):
        if user != NOBODY:
            assert isinstance(answer, ApiResponse)
            assert graph_users.parse_user(answer).id == user
    assert desk.waits == []


async def test_nothing_asks_for_nothing(desk: Practice) -> None:
    assert await send(desk, []) == []
    assert desk.calls() == []


async def test_only_throttled_items_go_again_after_the_longest_wait(desk: Practice) -> None:
    wanted = ids(desk, 20)
    for user, wait in ((wanted[3], 2.5), (wanted[9], 7), (wanted[12], 4)):
        fault = Fault(FaultKind.THROTTLED, path=f"/users/{user}", retry_after=wait)
        desk.fault(fault)
    answers = await send(desk, [graph_users.user(user) for user in wanted])
    assert all(isinstance(answer, ApiResponse) for answer in answers)
    assert envelopes(desk) == [wanted, [wanted[3], wanted[9], wanted[12]]]
    assert desk.waits == [7]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_passing_fault_of_one_item(desk: Practice, status: int) -> None:
    wanted = ids(desk, 3)
    fault = Fault(
        FaultKind.UNAVAILABLE, path=f"/users/{wanted[1]}", status=status, inside_batch=True
    )
    desk.fault(fault)
    answers = await send(desk, [graph_users.user(user) for user in wanted])
    assert all(isinstance(answer, ApiResponse) for answer in answers)
    assert envelopes(desk)[1:] == [[wanted[1]]]
    assert desk.waits == [0.5]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(FaultKind.THROTTLED, retry_after=1, times=None), Throttled),
        (Fault(FaultKind.UNAVAILABLE, times=None), ServerFault),
        (Fault(FaultKind.MISSING_ROLE, times=None), AccessDenied),
        (Fault(FaultKind.WRONG_JSON, times=None), None),
        (Fault(FaultKind.EXPIRED_TOKEN, times=None), SignInRequired),
    ],
    ids=["throttled", "unavailable", "role", "broken body", "token"],
)
async def test_a_lasting_fault_of_one_item_is_its_own(
    desk: Practice, fault: Fault, kind: type[DeskError] | None
) -> None:
    wanted = ids(desk, 4)
    desk.fault(replace(fault, path=f"/users/{wanted[2]}"))
    answers = await send(desk, [graph_users.user(user) for user in wanted])
    assert [isinstance(answer, ApiResponse) for answer in answers].count(True) >= 3
    failed = answers[2]
    if kind is None:
        assert isinstance(failed, ApiResponse)
        with pytest.raises(UnexpectedReply):
            graph_users.parse_user(failed)
    else:
        assert type(failed) is kind
    assert len(envelopes(desk)) <= 4


async def test_items_whose_token_was_refused_go_again_with_a_new_one(desk: Practice) -> None:
    wanted = ids(desk, 6)
    for user in wanted[2:5]:
        desk.fault(Fault(FaultKind.EXPIRED_TOKEN, path=f"/users/{user}", inside_batch=True))
    answers = await send(desk, [graph_users.user(user) for user in wanted])
    assert all(isinstance(answer, ApiResponse) for answer in answers)
    alone = [call for call in desk.calls() if call.route == "/users/{id}" and not call.in_batch]
    assert [call.path.rpartition("/")[2] for call in alone] == [wanted[2]]
    assert envelopes(desk)[1:] == [[wanted[3], wanted[4]]]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(FaultKind.UNAVAILABLE, path="/$batch", times=None), ServerFault),
        (Fault(FaultKind.CAPTIVE_PORTAL, path="/$batch", times=None), UnexpectedReply),
        (Fault(FaultKind.WRONG_JSON, path="/$batch", times=None), UnexpectedReply),
    ],
    ids=["unavailable", "portal", "broken"],
)
async def test_a_batch_that_fails_fails_for_each(
    desk: Practice, fault: Fault, kind: type[DeskError]
) -> None:
    desk.fault(fault)
    answers = await send(desk, [graph_users.user(user) for user in ids(desk, 3)])
    assert [type(answer) for answer in answers] == [kind] * 3


async def test_a_write_is_not_taken(desk: Practice) -> None:
    with pytest.raises(ValueError, match="reads"):
        await send(desk, [graph_user_writes.delete_user(NOBODY)])
    assert desk.calls() == []


# ---- answers that the practice directory does not give ------------------------------------------


def item(id_: str, status: int = 200, **rest: Any) -> dict[str, Any]:
    return {"id": id_, "status": status, "body": {"id": id_}, **rest}


def scripted(*rounds: Callable[[list[str]], list[dict[str, Any]]]) -> Callable[[Seen], Answer]:
    """Each round makes the answers to the ids that were asked for; the last one for ever."""
    left = list(rounds)

    def script(seen: Seen) -> Answer:
        asked = [one["id"] for one in json.loads(seen.body)["requests"]]
        make = left.pop(0) if len(left) > 1 else left[0]
        return Answer(body=json.dumps({"responses": make(asked)}).encode())

    return script


async def over(
    script: Callable[[Seen], Answer], time: FakeTime, count: int = 3
) -> tuple[list[ApiResponse | DeskError], list[list[str]]]:
    async with Loopback(script) as server:
        api = client(server.hosts, time, Tokens())
        try:
            answers = await send_batch(
                api, reads(count), TENANT, sleep=time.sleep, random=lambda: 0.5, now=time.now
            )
        finally:
            await api.aclose()
        rounds = [[one["id"] for one in json.loads(seen.body)["requests"]] for seen in server.seen]
    return answers, rounds


async def test_what_was_left_out_is_asked_for_again() -> None:
    answers, rounds = await over(
        scripted(
            lambda asked: [item(asked[2]), item("nobody's"), item(asked[0])],
            lambda asked: [item(one) for one in asked],
        ),
        FakeTime(),
    )
    assert all(isinstance(answer, ApiResponse) for answer in answers)
    assert rounds == [["0", "1", "2"], ["1"]]


async def test_what_is_always_left_out_ends_in_an_error() -> None:
    answers, rounds = await over(scripted(lambda asked: [item("0"), item("2")]), FakeTime())
    assert [type(answer) for answer in answers] == [ApiResponse, UnexpectedReply, ApiResponse]
    assert len(rounds) == 4


@pytest.mark.parametrize("name", ["Retry-After", "retry-after"])
async def test_the_wait_is_found_in_either_case(name: str) -> None:
    time = FakeTime()
    answers, rounds = await over(
        scripted(
            lambda asked: [
                item("0", 429, headers={name: "3"}),
                item("1", 424),
                item("2", 429, headers={name: 1.5}),
            ],
            lambda asked: [item(one) for one in asked],
        ),
        time,
    )
    assert all(isinstance(answer, ApiResponse) for answer in answers)
    assert rounds == [["0", "1", "2"], ["0", "1", "2"]]
    assert time.waits == [3]


async def test_nobody_waits_for_ever() -> None:
    time = FakeTime()
    answers, rounds = await over(
        scripted(lambda asked: [item(one, 429, headers={"Retry-After": "100"}) for one in asked]),
        time,
    )
    assert [type(answer) for answer in answers] == [Throttled] * 3
    assert time.waits == [100]
    assert len(rounds) == 2
