"""The officials' desk: what waits for me today, and every act on it. Flask blueprints and templates, no build step."""
