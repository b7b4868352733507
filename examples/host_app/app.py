"""A small membership app that keeps the ladder in its own database, session and transactions.

The app has two tables (members and their gifts) and its own Alembic. A gift is one transaction: the
app's row and the touchpoint are both stored, or neither is.

    python examples/host_app/app.py                      # in memory
    python examples/host_app/app.py sqlite:///app.db     # or postgresql://…
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, ForeignKey, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

import ladder
from ladder.storage import selects
from ladder.storage.models import Supporter

HERE = Path(__file__).parent
BERLIN = ZoneInfo("Europe/Berlin")
TODAY = datetime(2024, 6, 1, 9, tzinfo=UTC)
"""A real app passes no clock; the default is the present."""


class Base(DeclarativeBase):
    """The app's own models, with their own metadata."""


class Member(Base):
    """A member, with the app's own number."""

    __tablename__ = "member"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    supporter: Mapped[str] = mapped_column(unique=True)
    """The key in the ladder: the app chooses it, and never changes it."""


class Gift(Base):
    """A payment, as the app stores it."""

    __tablename__ = "gift"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    cents: Mapped[int]
    on: Mapped[date]


def set_up(engine: Engine) -> None:
    """Both Alembics, each with its own version table; then the organisation, once."""
    ladder.upgrade(engine)
    config = Config()
    config.set_main_option("script_location", str(HERE / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    with Session(engine) as session:
        organisation = ladder.Organisation(key="weir", zone="Europe/Berlin", currency="EUR")
        ladder.CRM.create(session, organisation, ladder.load("default"), clock=lambda: TODAY)
        session.commit()


def crm_of(session: Session) -> ladder.CRM:
    """The ladder for one request."""
    return ladder.CRM(session, organisation="weir", clock=lambda: TODAY)


def join(session: Session, email: str) -> Member:
    """A member signs up for the letters."""
    member = Member(email=email, supporter=email.split("@", maxsplit=1)[0])
    session.add(member)
    session.flush()
    crm_of(session).record(
        supporter=member.supporter,
        kind="subscribed",
        at=TODAY,
        source="app",
        external_id=f"member-{member.id}",
    )
    return member


def give(session: Session, member: Member, cents: int, on: date) -> ladder.RecordResult:
    """A member gives: the till's row and the touchpoint, in one transaction."""
    gift = Gift(member_id=member.id, cents=cents, on=on)
    session.add(gift)
    session.flush()
    return crm_of(session).record(
        supporter=member.supporter,
        kind="donation",
        at=on,
        amount=f"{cents // 100}.{cents % 100:02}",
        source="till",
        external_id=str(gift.id),
    )


def reopen(session: Session, gift: Gift, member: Member) -> ladder.RecordResult:
    """The gift was typed in by mistake: it goes, and a void says that it never happened."""
    session.delete(gift)
    return crm_of(session).record(
        supporter=member.supporter, kind="void", at=TODAY, source="till", answers=str(gift.id)
    )


def givers(session: Session) -> list[tuple[str, datetime]]:
    """E-mail addresses of those who are donating now, and since when (in UTC): one query."""
    number = crm_of(session).definition_id
    standing = selects.on_rung(number, "donating", at=TODAY).subquery()
    query = (
        select(Member.email, standing.c.since)
        .join(Supporter, Supporter.key == Member.supporter)
        .join(standing, standing.c.supporter_id == Supporter.id)
        .order_by(Member.email)
    )
    return [(email, since) for email, since in session.execute(query)]


def main(url: str = "sqlite://") -> None:
    """A day in the life of the app."""
    engine = ladder.create_engine(url)
    set_up(engine)
    with Session(engine) as session:
        anna, ben = join(session, "anna@example.org"), join(session, "ben@example.org")
        for movement in give(session, anna, 2500, date(2024, 5, 31)).movements.added:
            print(movement)
        give(session, ben, 1000, date(2024, 5, 30))
        session.commit()
    with Session(engine) as session:
        for email, since in givers(session):
            print(f"{email} is donating since {since.astimezone(BERLIN):%Y-%m-%d}")
        ben = session.scalars(select(Member).where(Member.supporter == "ben")).one()
        gift = session.scalars(select(Gift).where(Gift.member_id == ben.id)).one()
        reopen(session, gift, ben)
        session.commit()
        print(crm_of(session).standing("ben"))
    engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
