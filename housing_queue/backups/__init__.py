"""Backups: one encrypted file with the whole database and every document, and the way back from it."""
