"""Both engines: what they promise to the rooms, and what a failing one says."""

from desk_app.people.access import Role, authority


def test_the_schema_is_there_and_a_person_can_be_made(office_db, work, make_actor):
    actor = make_actor([Role.SUPERVISOR])
    with work(reading=True) as w:
        held = authority(actor, w)
    assert held.roles == {Role.SUPERVISOR}
    assert held.appointed
