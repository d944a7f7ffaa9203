"""Acts on what residents sent in, whoever does them: filed from a chat, moved at the desk, told of to all concerned."""
