"""One keystroke in the search field and one click on a column's title, each until painted.

The pause after which a search starts (120 ms with many rows) is waiting, not work: it is set to
nothing here, and not counted.
"""

import time
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt

from o365desk.domain.text import fold
from o365desk.models.user_rows import COLUMN, USER_COLUMNS
from o365desk.models.users import UserTableModel
from o365desk.views import user_filters
from o365desk.views.main_window import MainWindow
from tests.bench.figures import Figure, Goal, by_itself, medians
from tests.bench.screen import Painted, put_away, reload, run, window_over
from tests.bench.world import Site, Size, all_users

WORDS = ("mike", "power", "an lee", "zzz")
SORTED_BY = ("name", "username", "status", "assign", "location")


def measure(site: Site, size: Size) -> list[Figure]:
    users: list[object] = []

    async def read() -> int:
        users.extend(await all_users(site))
        return 0

    run(read)
    user_filters.PAUSE_MS = 0
    window, model = window_over(users)  # type: ignore[arg-type]
    painted = Painted(window.users.table.viewport(), window.users)
    many = f"{site.users:,} users"
    figures = [
        _keystroke(window, model, painted, size, f"one search keystroke over {many} to painted"),
        _sort(window, model, painted, size, f"one column sort of {many} to painted"),
    ]
    put_away(window)
    return figures


def typing_run(name: str) -> list[str]:
    """Every word typed letter by letter and taken back the same way."""
    texts: list[str] = []
    for word in (*WORDS, name):
        texts += [word[:end] for end in range(1, len(word) + 1)]
        texts += [word[:end] for end in range(len(word) - 1, -1, -1)]
    return texts


def _keystroke(
    window: MainWindow, model: UserTableModel, painted: Painted, size: Size, name: str
) -> Figure:
    """The worst keystroke of the run, over the worst of the bare work for the same texts: one
    list comprehension and one repaint."""
    texts = typing_run(model.users[model.total // 2].display_name)
    viewport = window.users.table.viewport()
    rows = model.new_rows()
    rows.extend(model.users)
    haystacks = [
        f"{text}\n{label}" for text, label in zip(rows.haystacks, rows.labels, strict=True)
    ]

    def bare(text: str) -> None:
        needle = fold(text)
        len([i for i, hay in enumerate(haystacks) if needle in hay])
        viewport.update()

    changes: list[bool] = []
    model.layoutChanged.connect(lambda: changes.append(True))

    def keystroke(text: str) -> float:
        changes.clear()
        return painted.after(
            lambda: window.search.setText(text),
            done=lambda: model.query.text == text,
            due=lambda: bool(changes),  # the same rows as before need no paint
        )

    ours, floor = [], []
    for _ in range(size.rounds):
        reload(model)
        ours.append([keystroke(text) for text in texts])
        floor.append([painted.after(partial(bare, text)) for text in texts])
    worst = max(medians(ours)) * 1000
    return by_itself(name, worst, "ms", max(medians(floor)) * 1000, Goal(25, " ms"))


def _sort(
    window: MainWindow, model: UserTableModel, painted: Painted, size: Size, name: str
) -> Figure:
    """The slowest column sorted for the first time, over sorting its bare keys."""
    table = window.users.table
    rounds, bare = [], []
    for _ in range(size.rounds):
        ours, floor = [], []
        for key in SORTED_BY:
            column = COLUMN[key]
            rows = reload(model)
            table.sortByColumn(COLUMN["name"], Qt.SortOrder.DescendingOrder)
            current = model.index(len(model.users) // 3, 0)
            table.setCurrentIndex(current)
            who = table.current_user()
            ours.append(
                painted.after(partial(table.sortByColumn, column, Qt.SortOrder.AscendingOrder))
            )
            assert table.current_user() is who, "the current row was lost"
            chosen = table.selectionModel().selectedRows()
            assert [model.user_at(index) for index in chosen] == [who], "the selection was lost"
            floor.append(_sorted_keys([fold(texts[column]) for texts in rows.texts]))
        rounds.append(ours)
        bare.append(floor)
    value, least = medians(rounds), medians(bare)
    slowest = max(range(len(value)), key=value.__getitem__)
    title = USER_COLUMNS[COLUMN[SORTED_BY[slowest]]].title
    return by_itself(
        f"{name} ({title})", value[slowest] * 1000, "ms", least[slowest] * 1000, Goal(80, " ms")
    )


def _sorted_keys(keys: Sequence[str]) -> float:
    start = time.perf_counter()
    sorted(range(len(keys)), key=keys.__getitem__)
    return time.perf_counter() - start
