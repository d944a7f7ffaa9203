"""Papers an office keeps: Word files from templates an official can edit, lists for Excel. Made in the worker."""
