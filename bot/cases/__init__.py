"""What residents send in: reports (PA-…) and initiatives (SK-…). Codes, life, routing, deadlines, likeness. Pure: no
database, no clock of its own; ``bot.casework`` acts on it."""
