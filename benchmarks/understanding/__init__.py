"""How well messages are understood beside plain ways of doing it, over the same examples in the same run."""
