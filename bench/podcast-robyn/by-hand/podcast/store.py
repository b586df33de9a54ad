"""The site's content, in sqlite. Unaware of any web framework."""

import sqlite3
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

SCHEMA = """
create table episode (
    number integer primary key,
    title text not null,
    summary text not null,
    notes text not null,
    published text not null,
    minutes integer not null,
    visible integer not null default 1
);
create table tag (number integer not null, name text not null);
create table subscriber (email text primary key);
"""

GUESTS = ["Ada", "Grace", "Edsger", "Barbara", "Guido", "Margaret", "Donald", "Radia"]
TOPICS = [
    "databases",
    "testing",
    "typing",
    "async",
    "packaging",
    "templates",
    "rust",
    "ops",
]
LINKS = ["the documentation", "the source", "a talk about it", "the mailing list"]

_path: Path | None = None


@dataclass
class Episode:
    number: int
    title: str
    summary: str
    notes: str
    published: date
    minutes: int
    visible: bool = True
    tags: list[str] = field(default_factory=list)


def prepare(path: Path) -> None:
    """Makes the database with sixty episodes where there is none."""
    global _path
    _path = path
    if path.exists():
        return
    path.parent.mkdir(exist_ok=True)
    with connect() as db:
        db.executescript(SCHEMA)
        for number in range(1, 61):
            _seed(db, number)


def _seed(db: sqlite3.Connection, number: int) -> None:
    guest, topic = GUESTS[number % 8], TOPICS[(number * 3) % 8]
    notes = [
        f"## With {guest}\n\nWe talk about **{topic}** & what it <really> takes.\n"
    ]
    for minute in range(0, 60, 6):
        notes.append(
            f"* {minute:02}:00 {topic} in part {minute // 6 + 1}, and *why* it matters"
        )
    notes.append("\n## Links\n")
    notes += [
        f"{i}. [{text}](https://example.org/{number}/{i})"
        for i, text in enumerate(LINKS, 1)
    ]
    db.execute(
        "insert into episode values (?, ?, ?, ?, ?, ?, 1)",
        (
            number,
            f"{topic.title()} with {guest}",
            f"{guest} explains {topic}, slowly, and answers the mail of the week.",
            "\n".join(notes),
            (date(2024, 1, 5) + timedelta(weeks=number)).isoformat(),
            35 + number % 25,
        ),
    )
    for name in {topic, TOPICS[number % 8]}:
        db.execute("insert into tag values (?, ?)", (number, name))


def connect() -> sqlite3.Connection:
    db = sqlite3.connect(_path)
    db.row_factory = sqlite3.Row
    return db


def _episodes(db: sqlite3.Connection, rows) -> list[Episode]:
    found = []
    for row in rows:
        names = db.execute(
            "select name from tag where number = ? order by name", (row["number"],)
        )
        found.append(
            Episode(
                row["number"],
                row["title"],
                row["summary"],
                row["notes"],
                date.fromisoformat(row["published"]),
                row["minutes"],
                bool(row["visible"]),
                [name["name"] for name in names],
            )
        )
    return found


def page(number: int, size: int) -> list[Episode]:
    """Newest first, hidden ones left out."""
    with connect() as db:
        rows = db.execute(
            "select * from episode where visible order by number desc limit ? offset ?",
            (size, (number - 1) * size),
        )
        return _episodes(db, rows.fetchall())


def count() -> int:
    with connect() as db:
        return db.execute("select count(*) from episode where visible").fetchone()[0]


def everything() -> list[Episode]:
    with connect() as db:
        return _episodes(
            db, db.execute("select * from episode order by number desc").fetchall()
        )


def episode(number: int) -> Episode | None:
    with connect() as db:
        rows = db.execute(
            "select * from episode where number = ?", (number,)
        ).fetchall()
        return next(iter(_episodes(db, rows)), None)


def tagged(name: str) -> list[Episode]:
    return [e for e in everything() if name in e.tags and e.visible]


def tags() -> list[str]:
    with connect() as db:
        rows = db.execute("select distinct name from tag order by name")
        return [row["name"] for row in rows]


def search(words: str) -> list[Episode]:
    wanted = words.lower().split()
    return [
        e
        for e in everything()
        if e.visible
        and wanted
        and all(w in f"{e.title} {e.notes}".lower() for w in wanted)
    ]


def subscribe(email: str) -> bool:
    """False when the address is known already."""
    with connect() as db:
        done = db.execute("insert or ignore into subscriber values (?)", (email,))
        return done.rowcount == 1


def change(number: int, title: str, visible: bool) -> None:
    with connect() as db:
        db.execute(
            "update episode set title = ?, visible = ? where number = ?",
            (title, visible, number),
        )
