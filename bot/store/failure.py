"""What a database may be refused for. Light, so that the supervisor need not load SQLAlchemy to know it."""


class DatabaseError(Exception):
    """The database cannot be opened or used. ``str(error)`` is one line of plain Vietnamese."""
